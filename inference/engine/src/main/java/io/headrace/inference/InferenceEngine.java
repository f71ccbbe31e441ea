package io.headrace.inference;

import java.util.concurrent.CompletionStage;

/**
 * Runs language-model requests in batches. Thread-safe: any thread may submit, cancel or close.
 *
 * <p>Every submitted request ends exactly once, as one of the {@link InferenceResult} variants; its
 * stage never completes exceptionally. Stages complete on the engine's own thread, so dependants
 * must return quickly and must not block.
 */
public interface InferenceEngine extends AutoCloseable {

    /** Queues a request; returns at once. After {@link #close()} the result is a failure. */
    CompletionStage<InferenceResult> submit(InferenceRequest request);

    /** Gives up a request that was submitted and has not ended; it ends as cancelled. */
    void cancel(InferenceRequest request);

    /** Returns what is known of the model that answers. */
    ModelInfo model();

    /** Returns the number of prompt tokens that this request would take. */
    int countPromptTokens(InferenceRequest request);

    /** Returns a snapshot of the engine's counters. */
    EngineStats stats();

    /**
     * Returns whether a service elsewhere answers. Such an engine bounds by itself how long an
     * answer may take, so that waits for a rate limit or a budget are no timeouts; it bills each
     * prompt token, so prompts should hold no more than they need.
     */
    default boolean remote() {
        return false;
    }

    /** Returns what the engine has used of its budget since it was opened. */
    default Spending spending() {
        return Spending.NONE;
    }

    /** Waits for the step in flight, fails the rest with a reason, and frees native memory. */
    @Override
    void close();
}
