package io.headrace.inference.remote;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceResult;

/** Counters of a remote engine. Guarded by the engine's lock. */
final class EngineCounts {

    private long completed;
    private long rejected;
    private long failed;
    private long cancelled;
    private long promptTokens;
    private long cachedTokens;
    private long outputTokens;

    void ended(InferenceResult result) {
        if (result instanceof InferenceResult.Completed answer) {
            completed++;
            promptTokens += answer.usage().promptTokens();
            cachedTokens += answer.usage().cachedTokens();
            outputTokens += answer.usage().outputTokens();
        } else if (result instanceof InferenceResult.Rejected) {
            rejected++;
        } else if (result instanceof InferenceResult.Cancelled) {
            cancelled++;
        } else {
            failed++;
        }
    }

    EngineStats stats(int waiting, int running) {
        return new EngineStats(
                completed,
                rejected,
                failed,
                cancelled,
                waiting,
                running,
                promptTokens,
                cachedTokens,
                outputTokens,
                0,
                0,
                0,
                0,
                0,
                0);
    }
}
