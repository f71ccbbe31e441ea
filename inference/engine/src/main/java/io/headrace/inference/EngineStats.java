package io.headrace.inference;

/**
 * Counters of an engine since it was opened.
 *
 * @param completed requests that ended with an answer
 * @param rejected requests that were refused
 * @param failed requests that failed
 * @param cancelled requests that were given up
 * @param waiting requests not yet admitted
 * @param running sequences being computed
 * @param promptTokens prompt tokens asked for
 * @param cachedTokens those of them that the prefix cache already held
 * @param outputTokens tokens generated, forced or scored
 * @param steps calls of the model
 * @param rows token rows computed in those calls
 * @param stepNanos time in those calls
 * @param javaNanos time of the engine's thread between those calls while it had work
 * @param usedCells cells of the KV cache in use
 * @param totalCells cells of the KV cache
 * @param figures what the steps take
 */
public record EngineStats(
        long completed,
        long rejected,
        long failed,
        long cancelled,
        int waiting,
        int running,
        long promptTokens,
        long cachedTokens,
        long outputTokens,
        long steps,
        long rows,
        long stepNanos,
        long javaNanos,
        int usedCells,
        int totalCells,
        StepFigures figures) {

    /** Of an engine that has done nothing. */
    public static final EngineStats NONE =
            new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Without figures of steps. */
    public EngineStats(
            long completed,
            long rejected,
            long failed,
            long cancelled,
            int waiting,
            int running,
            long promptTokens,
            long cachedTokens,
            long outputTokens,
            long steps,
            long rows,
            long stepNanos,
            long javaNanos,
            int usedCells,
            int totalCells) {
        this(
                completed,
                rejected,
                failed,
                cancelled,
                waiting,
                running,
                promptTokens,
                cachedTokens,
                outputTokens,
                steps,
                rows,
                stepNanos,
                javaNanos,
                usedCells,
                totalCells,
                StepFigures.NONE);
    }

    /** Returns the sums of two engines that ran one after the other; what is now is the other's. */
    public EngineStats then(EngineStats next) {
        return new EngineStats(
                completed + next.completed,
                rejected + next.rejected,
                failed + next.failed,
                cancelled + next.cancelled,
                next.waiting,
                next.running,
                promptTokens + next.promptTokens,
                cachedTokens + next.cachedTokens,
                outputTokens + next.outputTokens,
                steps + next.steps,
                rows + next.rows,
                stepNanos + next.stepNanos,
                javaNanos + next.javaNanos,
                next.usedCells,
                next.totalCells,
                figures.then(next.figures));
    }

    /** Share of prompt tokens that the prefix cache already held, 0 to 1. */
    public double prefixHitRate() {
        return promptTokens == 0 ? 0 : (double) cachedTokens / promptTokens;
    }

    /** Mean number of rows in a call as a share of the most, 0 to 1. */
    public double batchOccupancy() {
        return figures.mostRows() == 0 ? 0 : rowsPerStep() / figures.mostRows();
    }

    /** Mean number of rows in a call. */
    public double rowsPerStep() {
        return steps == 0 ? 0 : (double) rows / steps;
    }
}
