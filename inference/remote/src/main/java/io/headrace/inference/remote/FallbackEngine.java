package io.headrace.inference.remote;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Spending;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Asks one engine, and another one for what the first has no budget for. Answers of the other bear
 * its model's name. Closes both.
 */
public final class FallbackEngine implements InferenceEngine {

    private final InferenceEngine first;
    private final InferenceEngine other;

    public FallbackEngine(InferenceEngine first, InferenceEngine other) {
        this.first = first;
        this.other = other;
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        return first.submit(request)
                .thenCompose(
                        result ->
                                result instanceof InferenceResult.OverBudget
                                        ? other.submit(request).thenApply(this::named)
                                        : CompletableFuture.completedStage(result));
    }

    private InferenceResult named(InferenceResult result) {
        String name = other.model().name();
        if (name.equals(first.model().name())) {
            name += " (stand-in)"; // Who answered shall be known.
        }
        if (result instanceof InferenceResult.Scores scores) {
            return new InferenceResult.Scores(
                    scores.probabilities(), scores.usage().answeredBy(name));
        }
        if (result instanceof InferenceResult.Chosen chosen) {
            return new InferenceResult.Chosen(
                    chosen.label(), chosen.probability(), chosen.usage().answeredBy(name));
        }
        if (result instanceof InferenceResult.Generated generated) {
            return new InferenceResult.Generated(
                    generated.text(), generated.truncated(), generated.usage().answeredBy(name));
        }
        return result;
    }

    @Override
    public void cancel(InferenceRequest request) {
        first.cancel(request);
        other.cancel(request);
    }

    /** Of the first engine, with a context that both have. */
    @Override
    public ModelInfo model() {
        ModelInfo model = first.model();
        return new ModelInfo(
                model.name(),
                model.digest(),
                model.engine(),
                model.architecture(),
                Math.min(model.contextTokens(), other.model().contextTokens()),
                model.vocabularySize());
    }

    /** The other one counts exactly, so a prompt that it takes fits both. */
    @Override
    public int countPromptTokens(InferenceRequest request) {
        return Math.max(first.countPromptTokens(request), other.countPromptTokens(request));
    }

    @Override
    public EngineStats stats() {
        return first.stats().then(other.stats());
    }

    @Override
    public boolean remote() {
        return first.remote();
    }

    @Override
    public Spending spending() {
        return first.spending();
    }

    @Override
    public void close() {
        try {
            first.close();
        } finally {
            other.close();
        }
    }
}
