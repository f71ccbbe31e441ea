package io.headrace.inference.runtime;

import io.headrace.inference.Sampling;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Chooses the next token of one request from its logits. Equal seeds give equal choices. */
final class Sampler {

    private final Sampling sampling;
    private final int vocabularySize;
    private final SplittableRandom random;

    Sampler(Sampling sampling, int vocabularySize) {
        this.sampling = sampling;
        this.vocabularySize = vocabularySize;
        this.random = new SplittableRandom(sampling.seed());
    }

    /**
     * Returns a token.
     *
     * @param row logits; elements at negative infinity are never chosen
     */
    int choose(float[] row) {
        int best = LogProbabilities.argMax(row, vocabularySize);
        if (sampling.temperature() == 0) {
            return best;
        }
        return draw(row, row[best]);
    }

    private int draw(float[] row, float largest) {
        double inverse = 1 / sampling.temperature();
        // Farther away, even the whole vocabulary together would not be drawn.
        double nearest = Math.max(-40 * sampling.temperature(), Math.log(sampling.minP()));
        int count = 0;
        for (int token = 0; token < vocabularySize; token++) {
            count += row[token] - largest >= nearest ? 1 : 0;
        }
        long[] order = new long[count];
        int next = 0;
        for (int token = 0; token < vocabularySize; token++) {
            if (row[token] - largest >= nearest) {
                int descending = Float.floatToIntBits(largest - row[token]);
                order[next++] = ((long) descending << 32) | token;
            }
        }
        Arrays.sort(order);
        double[] cumulative = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp((row[(int) order[i]] - largest) * inverse);
            cumulative[i] = sum;
        }
        int kept = count;
        if (sampling.topP() < 1) {
            kept = firstAtLeast(cumulative, count, sampling.topP() * sum) + 1;
        }
        double target = random.nextDouble() * cumulative[kept - 1];
        return (int) order[firstAtLeast(cumulative, kept, target)];
    }

    private static int firstAtLeast(double[] ascending, int length, double value) {
        int found = Arrays.binarySearch(ascending, 0, length, value);
        return Math.min(found >= 0 ? found : -found - 1, length - 1);
    }
}
