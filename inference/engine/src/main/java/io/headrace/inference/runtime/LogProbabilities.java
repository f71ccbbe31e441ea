package io.headrace.inference.runtime;

/** Log-probabilities from rows of logits. */
final class LogProbabilities {

    /** Below this share of the largest, an element is lost in single precision anyway. */
    private static final float NEGLIGIBLE = -40f;

    private static final float LOG2_E = (float) (1 / Math.log(2));
    private static final float LN_2 = (float) Math.log(2);

    private LogProbabilities() {}

    /**
     * Returns log of the sum of exponentials. Infinite negative logits count nothing.
     *
     * @param row at least {@code length} logits
     */
    static double logSumExp(float[] row, int length) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            largest = Math.max(largest, row[i]);
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            float distance = row[i] - largest;
            if (distance > NEGLIGIBLE) {
                sum += exp(distance);
            }
        }
        return largest + Math.log(sum);
    }

    /**
     * Returns e to a power from -40 to 0, within 3e-7 of it: two to the whole part by the exponent
     * bits, and a polynomial for the rest. {@link Math#exp} takes several times as long, which
     * shows with 128,000 elements in a row.
     */
    static float exp(float power) {
        float twos = power * LOG2_E;
        int whole = (int) (twos - 0.5f);
        float rest = (twos - whole) * LN_2;
        // Horner's scheme for the series of the exponential function, up to the sixth power.
        float series = 1f + rest * (1f / 6);
        series = 1f + rest * (1f / 5) * series;
        series = 1f + rest * (1f / 4) * series;
        series = 1f + rest * (1f / 3) * series;
        series = 1f + rest * (1f / 2) * series;
        series = 1f + rest * series;
        return Float.intBitsToFloat((whole + 127) << 23) * series;
    }

    /** Returns the index of the largest; the first of equals. NaN never wins. */
    static int argMax(float[] row, int length) {
        int best = 0;
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            if (row[i] > largest) {
                largest = row[i];
                best = i;
            }
        }
        return best;
    }
}
