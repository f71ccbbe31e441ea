package io.headrace.inference.logits;

/**
 * The logits of one row, one for each token. It may stand for memory of the backend, so it can be
 * read only until the runner executes the next step, and by the thread that owns the runner.
 *
 * <p>Minus infinity is a logit like others. Where what is asked for depends on one that is no
 * number or plus infinity, there is a {@link BrokenLogitsException}.
 */
public interface LogitRow {

    /** The logit of a token, even if it is no number. */
    float at(int token);

    /** The token with the greatest logit, the first of equals. */
    int argMax();

    /**
     * The token with the greatest logit of those allowed, the first of equals.
     *
     * @param allowed a bit for each token, the first in the lowest bit of the first word
     * @throws IllegalArgumentException where none is allowed
     */
    int argMax(long[] allowed);

    /** The log of the sum of the exponentials of all logits, within 1e-6. */
    double logSumExp();

    /**
     * Copies all logits.
     *
     * @param target at least as long as the vocabulary
     */
    void copyTo(float[] target);
}
