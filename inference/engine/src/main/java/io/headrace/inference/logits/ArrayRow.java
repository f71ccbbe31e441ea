package io.headrace.inference.logits;

/** Logits in an array, for tests and where the library for {@link NativeRow} is missing. */
public final class ArrayRow implements LogitRow {

    private final float[] logits;

    /**
     * @param logits one for each token; not copied
     */
    public ArrayRow(float[] logits) {
        this.logits = logits;
    }

    @Override
    public float at(int token) {
        return logits[token];
    }

    @Override
    public int argMax() {
        requireSound();
        return LogProbabilities.argMax(logits, logits.length);
    }

    @Override
    public int argMax(long[] allowed) {
        int best = -1;
        for (int index = 0; index < allowed.length; index++) {
            for (long word = allowed[index]; word != 0; word &= word - 1) {
                int token = (index << 6) + Long.numberOfTrailingZeros(word);
                if (token >= logits.length) {
                    break;
                }
                if (!(logits[token] < Float.POSITIVE_INFINITY)) {
                    throw new BrokenLogitsException();
                }
                best = best < 0 || logits[token] > logits[best] ? token : best;
            }
        }
        if (best < 0) {
            throw new IllegalArgumentException("no token is allowed");
        }
        return best;
    }

    @Override
    public double logSumExp() {
        requireSound();
        double sum = LogProbabilities.logSumExp(logits, logits.length);
        if (Double.isNaN(sum)) { // all at minus infinity
            throw new BrokenLogitsException();
        }
        return sum;
    }

    private void requireSound() {
        for (float logit : logits) {
            if (!(logit < Float.POSITIVE_INFINITY)) {
                throw new BrokenLogitsException();
            }
        }
    }

    @Override
    public void copyTo(float[] target) {
        System.arraycopy(logits, 0, target, 0, logits.length);
    }
}
