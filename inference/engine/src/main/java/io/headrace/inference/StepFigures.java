package io.headrace.inference;

/**
 * What the steps of an engine take.
 *
 * @param mostRows the most token rows of a step
 * @param p50Nanos time that half of the last steps did not exceed
 * @param p95Nanos the same of 95 %
 * @param p99Nanos the same of 99 %
 * @param masks how often a constraint was asked which tokens may follow
 * @param maskNanos time for those answers
 * @param draftedTokens tokens that requests guessed from their prompts
 * @param acceptedTokens those of them that the model chose too
 * @param residentBytes memory of the process that computes, as the operating system counts it; 0
 *     where that is not known
 */
public record StepFigures(
        int mostRows,
        long p50Nanos,
        long p95Nanos,
        long p99Nanos,
        long masks,
        long maskNanos,
        long draftedTokens,
        long acceptedTokens,
        long residentBytes) {

    /** Of an engine that computes elsewhere, or has not begun. */
    public static final StepFigures NONE = new StepFigures(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Returns the sums of two engines that ran one after the other; what is now is the other's. */
    StepFigures then(StepFigures next) {
        return new StepFigures(
                next.mostRows,
                next.p50Nanos,
                next.p95Nanos,
                next.p99Nanos,
                masks + next.masks,
                maskNanos + next.maskNanos,
                draftedTokens + next.draftedTokens,
                acceptedTokens + next.acceptedTokens,
                next.residentBytes);
    }
}
