package io.headrace.jobs.testing;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import io.headrace.operators.EngineProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * An engine that answers at once, and equal texts equally: a label by the text's hash, the JSON
 * {@code {"words":…}}, the text in capitals. A text that begins with {@code refuse} is rejected.
 * Thread-safe.
 */
public final class InstantEngine implements InferenceEngine {

    /** The share of the label that is found. */
    public static final double PROBABILITY = 0.75;

    private static final int CHARACTERS_PER_TOKEN = 16;
    private static final Usage USAGE = new Usage(100, 60, 5, 0, 1_000_000);

    /** Opens such engines. */
    public record Provider() implements EngineProvider {
        @Override
        public InferenceEngine open() {
            return new InstantEngine();
        }
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        return CompletableFuture.completedFuture(answer(request));
    }

    private static InferenceResult answer(InferenceRequest request) {
        // The record's text is the second piece of the user's message.
        String text = request.prompt().user().get(1);
        if (text.startsWith("refuse")) {
            return new InferenceResult.Rejected("the text asks for it");
        }
        if (request.output() instanceof Output.Labels labels) {
            return scores(labels.labels().size(), text);
        }
        return new InferenceResult.Generated(
                request.output() instanceof Output.Json
                        ? "{\"words\":" + text.split(" ", -1).length + "}"
                        : text.toUpperCase(Locale.ROOT),
                false,
                USAGE);
    }

    private static InferenceResult.Scores scores(int labels, String text) {
        int best = Math.floorMod(text.hashCode(), labels);
        List<Double> probabilities = new ArrayList<>(labels);
        for (int i = 0; i < labels; i++) {
            probabilities.add(i == best ? PROBABILITY : (1 - PROBABILITY) / (labels - 1));
        }
        return new InferenceResult.Scores(probabilities, USAGE);
    }

    @Override
    public void cancel(InferenceRequest request) {
        // Nothing is ever under way.
    }

    @Override
    public ModelInfo model() {
        return new ModelInfo("instant", "digest-of-nothing", "instant", "llama", 2048, 256);
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        return 1 + request.prompt().user().get(1).length() / CHARACTERS_PER_TOKEN;
    }

    @Override
    public EngineStats stats() {
        return new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
