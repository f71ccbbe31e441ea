package io.headrace.inference.runtime;

import io.headrace.inference.Sampling;
import io.headrace.inference.constraint.TokenMask;
import io.headrace.inference.logits.LogitRow;
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

    /** Returns a token. */
    int choose(LogitRow row) {
        int best = row.argMax();
        return sampling.temperature() == 0 ? best : draw(copy(row), row.at(best));
    }

    /** Returns one of the tokens allowed, of which there are some. */
    int choose(LogitRow row, TokenMask allowed) {
        int best = allowed.argmax(row);
        if (sampling.temperature() == 0) {
            return best;
        }
        float[] logits = copy(row);
        for (int word = 0; word < allowed.wordCount(); word++) {
            long bits = allowed.word(word);
            int from = word << 6;
            int to = Math.min(from + 64, vocabularySize);
            for (int token = from; bits != -1L && token < to; token++) {
                if ((bits & 1L << (token & 63)) == 0) {
                    logits[token] = Float.NEGATIVE_INFINITY;
                }
            }
        }
        return draw(logits, row.at(best));
    }

    private float[] copy(LogitRow row) {
        float[] logits = new float[vocabularySize];
        row.copyTo(logits);
        return logits;
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
