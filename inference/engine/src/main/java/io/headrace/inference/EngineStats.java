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
        int totalCells) {

    /** Share of prompt tokens that the prefix cache already held, 0 to 1. */
    public double prefixHitRate() {
        return promptTokens == 0 ? 0 : (double) cachedTokens / promptTokens;
    }

    /** Mean number of rows in a call. */
    public double rowsPerStep() {
        return steps == 0 ? 0 : (double) rows / steps;
    }
}
