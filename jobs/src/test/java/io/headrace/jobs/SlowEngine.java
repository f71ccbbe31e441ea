package io.headrace.jobs;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.jobs.testing.InstantEngine;
import io.headrace.operators.EngineProvider;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Answers like {@link InstantEngine}, one request after the other, each in some milliseconds. */
final class SlowEngine implements InferenceEngine {

    private static final long MILLIS = 15;

    private final InferenceEngine answers = new InstantEngine();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private long nextMillis;

    /** Opens such engines. */
    record Provider() implements EngineProvider {
        @Override
        public InferenceEngine open() {
            return new SlowEngine();
        }
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        CompletableFuture<InferenceResult> later = new CompletableFuture<>();
        nextMillis = Math.max(nextMillis + MILLIS, System.currentTimeMillis());
        var unused =
                clock.schedule(
                        () ->
                                answers.submit(request)
                                        .whenComplete((result, error) -> later.complete(result)),
                        nextMillis - System.currentTimeMillis(),
                        TimeUnit.MILLISECONDS);
        return later;
    }

    @Override
    public void cancel(InferenceRequest request) {
        // It will be answered, and nobody listens.
    }

    @Override
    public ModelInfo model() {
        return answers.model();
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        return answers.countPromptTokens(request);
    }

    @Override
    public EngineStats stats() {
        return answers.stats();
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
