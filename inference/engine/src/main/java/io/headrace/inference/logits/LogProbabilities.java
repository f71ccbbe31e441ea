package io.headrace.inference.logits;

/**
 * Log-probabilities from rows of logits. Loops over short arrays with one simple operation each, so
 * that the compiler makes vector instructions of them.
 */
final class LogProbabilities {

    /** Below this share of the largest, an element is lost in single precision anyway. */
    private static final float NEGLIGIBLE = -40f;

    private static final int BLOCK = 512;
    private static final float LOG2_E = (float) (1 / Math.log(2));
    private static final float LN_2 = (float) Math.log(2);

    /** Added to a small number and taken off again, this leaves it rounded: 1.5 times 2^23. */
    private static final float ROUNDING = 12_582_912f;

    /** Two to the powers 0, -1, -2 and so on. */
    private static final float[] HALVES = new float[64];

    static {
        for (int power = 0; power < HALVES.length; power++) {
            HALVES[power] = (float) Math.scalb(1.0, -power);
        }
    }

    private LogProbabilities() {}

    /**
     * Returns log of the sum of exponentials. Infinite negative logits count nothing.
     *
     * @param row at least {@code length} logits
     */
    static double logSumExp(float[] row, int length) {
        float largest = row[argMax(row, length)];
        float[] twos = new float[BLOCK];
        float[] whole = new float[BLOCK];
        double sum = 0;
        for (int from = 0; from < length; from += BLOCK) {
            int count = Math.min(BLOCK, length - from);
            for (int i = 0; i < count; i++) {
                twos[i] = Math.max(NEGLIGIBLE, row[from + i] - largest) * LOG2_E;
            }
            sum += sumOfPowers(twos, whole, count);
        }
        return largest + Math.log(sum);
    }

    /**
     * Returns the sum of two to these powers, from -58 to 0, each within 3e-7 of it: two to the
     * whole part from a table, and a polynomial for the rest.
     *
     * @param twos is overwritten
     * @param whole room for as many
     */
    private static double sumOfPowers(float[] twos, float[] whole, int count) {
        for (int i = 0; i < count; i++) {
            whole[i] = (twos[i] + ROUNDING) - ROUNDING;
        }
        for (int i = 0; i < count; i++) {
            float rest = (twos[i] - whole[i]) * LN_2;
            // Horner's scheme for the series of the exponential function, up to the sixth power.
            float series = 1f + rest * (1f / 6);
            series = 1f + rest * (1f / 5) * series;
            series = 1f + rest * (1f / 4) * series;
            series = 1f + rest * (1f / 3) * series;
            series = 1f + rest * (1f / 2) * series;
            twos[i] = 1f + rest * series;
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += twos[i] * HALVES[(int) -whole[i]];
        }
        return sum;
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
