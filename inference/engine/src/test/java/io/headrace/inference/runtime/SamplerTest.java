package io.headrace.inference.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headrace.inference.Sampling;
import io.headrace.inference.constraint.JsonConstraint;
import io.headrace.inference.constraint.TokenMask;
import io.headrace.inference.constraint.TokenVocabulary;
import io.headrace.inference.logits.ArrayRow;
import org.junit.jupiter.api.Test;

/** Shares of many draws against the probabilities that the options define. */
class SamplerTest {

    private static final int DRAWS = 40_000;

    /** Probabilities 0.4, 0.3, 0.2 and 0.1, and one token that is nearly impossible. */
    private static final double[] PROBABILITIES = {0.2, 0.4, 1e-9, 0.1, 0.3};

    private static final ArrayRow ROW = row();

    private static ArrayRow row() {
        float[] logits = new float[PROBABILITIES.length];
        for (int token = 0; token < logits.length; token++) {
            logits[token] = (float) (7 + Math.log(PROBABILITIES[token]));
        }
        return new ArrayRow(logits);
    }

    private static double[] shares(Sampling sampling, TokenMask mask) {
        Sampler sampler = new Sampler(sampling, PROBABILITIES.length);
        double[] shares = new double[PROBABILITIES.length];
        for (int i = 0; i < DRAWS; i++) {
            int token = mask == null ? sampler.choose(ROW) : sampler.choose(ROW, mask);
            shares[token] += 1.0 / DRAWS;
        }
        return shares;
    }

    private static void assertShares(double[] shares, double... expected) {
        assertThat(shares).containsExactly(expected, within(0.015));
        for (int token = 0; token < expected.length; token++) {
            assertThat(shares[token] > 0).as("token " + token).isEqualTo(expected[token] > 0);
        }
    }

    /** A token for each letter. */
    private record Letters(String letters) implements TokenVocabulary {
        @Override
        public int size() {
            return letters.length();
        }

        @Override
        public byte[] bytes(int token) {
            return new byte[] {(byte) letters.charAt(token)};
        }

        @Override
        public boolean isControl(int token) {
            return false;
        }
    }

    @Test
    void drawsByTheProbabilities() {
        assertShares(shares(new Sampling(1, 1, 0, 1), null), 0.2, 0.4, 0, 0.1, 0.3);
    }

    @Test
    void temperatureZeroTakesTheMostProbable() {
        assertShares(shares(Sampling.GREEDY, null), 0, 1, 0, 0, 0);
    }

    @Test
    void aHigherTemperatureFlattens() {
        double[] roots = new double[PROBABILITIES.length];
        double sum = 0;
        for (int token = 0; token < roots.length; token++) {
            roots[token] = Math.sqrt(PROBABILITIES[token]);
            sum += roots[token];
        }
        double[] shares = shares(new Sampling(2, 1, 0, 1), null);
        for (int token = 0; token < roots.length; token++) {
            assertThat(shares[token]).isCloseTo(roots[token] / sum, within(0.015));
        }
    }

    @Test
    void topPKeepsTheSmallestSetThatReachesIt() {
        assertShares(shares(new Sampling(1, 0.65, 0, 1), null), 0, 4 / 7.0, 0, 0, 3 / 7.0);
        assertShares(shares(new Sampling(1, 0.75, 0, 1), null), 2 / 9.0, 4 / 9.0, 0, 0, 3 / 9.0);
    }

    @Test
    void minPDropsWhatIsBelowAShareOfTheMostProbable() {
        assertShares(shares(new Sampling(1, 1, 0.6, 1), null), 0, 4 / 7.0, 0, 0, 3 / 7.0);
        assertShares(shares(new Sampling(1, 1, 0.4, 1), null), 2 / 9.0, 4 / 9.0, 0, 0, 3 / 9.0);
    }

    @Test
    void drawsAmongTheAllowedTokensOnly() {
        TokenMask mask =
                JsonConstraint.compile("{\"enum\":[1,2]}", new Letters("1xy2z")).start("").mask();
        assertShares(shares(new Sampling(1, 1, 0, 1), mask), 2 / 3.0, 0, 0, 1 / 3.0, 0);
        assertShares(shares(Sampling.GREEDY, mask), 1, 0, 0, 0, 0);
    }
}
