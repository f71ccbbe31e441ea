package io.headrace.benchmarks;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An engine that answers at once, so that only the road to it is measured. */
final class InstantEngine implements InferenceEngine {

    private static final Usage USAGE = new Usage(100, 60, 5, 1_000, 1_000);

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        if (request.output() instanceof Output.Labels labels) {
            int count = labels.labels().size();
            return CompletableFuture.completedStage(
                    new InferenceResult.Scores(Collections.nCopies(count, 1.0 / count), USAGE));
        }
        return CompletableFuture.completedStage(
                new InferenceResult.Generated("a short summary", false, USAGE));
    }

    @Override
    public void cancel(InferenceRequest request) {}

    @Override
    public ModelInfo model() {
        return new ModelInfo("instant", "digest", "instant", "none", 2048, 256);
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        return 100;
    }

    @Override
    public EngineStats stats() {
        return new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {}
}
