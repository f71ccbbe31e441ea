package io.headrace.inference;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** One user's share of an engine: closing it gives up that user's requests only. */
final class LeasedEngine implements InferenceEngine {

    private static final String CLOSED = "the inference engine is closed";

    private final SharedResources<EngineOptions, InferenceEngine>.Lease lease;
    private final Runnable whenClosed;
    private final Set<InferenceRequest> unfinished = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    LeasedEngine(SharedResources<EngineOptions, InferenceEngine>.Lease lease, Runnable whenClosed) {
        this.lease = lease;
        this.whenClosed = whenClosed;
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        if (closed.get()) {
            return CompletableFuture.completedStage(new InferenceResult.Failed(CLOSED));
        }
        unfinished.add(request);
        CompletionStage<InferenceResult> result = lease.get().submit(request);
        return result.thenApply(
                ended -> {
                    unfinished.remove(request);
                    boolean givenUpByClose =
                            closed.get() && ended instanceof InferenceResult.Cancelled;
                    return givenUpByClose ? new InferenceResult.Failed(CLOSED) : ended;
                });
    }

    @Override
    public void cancel(InferenceRequest request) {
        lease.get().cancel(request);
    }

    @Override
    public ModelInfo model() {
        return lease.get().model();
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        return lease.get().countPromptTokens(request);
    }

    @Override
    public EngineStats stats() {
        return lease.get().stats();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                unfinished.forEach(lease.get()::cancel);
                lease.close();
            } finally {
                whenClosed.run();
            }
        }
    }
}
