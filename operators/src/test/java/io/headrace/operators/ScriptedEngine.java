package io.headrace.operators;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;

/** An engine that answers when a test says so, and counts what it was asked. Thread-safe. */
final class ScriptedEngine implements InferenceEngine {

    static final Usage USAGE = new Usage(100, 60, 5, 2_000_000, 7_000_000);

    private final Map<InferenceRequest, CompletableFuture<InferenceResult>> open =
            new LinkedHashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final String digest;
    private boolean answersAtOnce;
    private boolean closed;
    private RuntimeException onSubmit;

    ScriptedEngine() {
        this("digest-1");
    }

    ScriptedEngine(String digest) {
        this.digest = digest;
    }

    static ScriptedEngine answeringAtOnce() {
        ScriptedEngine engine = new ScriptedEngine();
        engine.answersAtOnce = true;
        return engine;
    }

    /** The record's text, which is the second piece of the user message. */
    static String textOf(InferenceRequest request) {
        return request.prompt().user().get(1);
    }

    /**
     * What a scripted engine answers: the first label, an empty object, or the text reversed. It is
     * less sure of texts that hold "unsure".
     */
    static InferenceResult answer(InferenceRequest request) {
        if (request.output() instanceof Output.Labels labels) {
            double best = textOf(request).contains("unsure") ? 0.6 : 0.9;
            List<Double> probabilities = new ArrayList<>();
            for (int i = 0; i < labels.labels().size(); i++) {
                probabilities.add(i == 0 ? best : (1 - best) / (labels.labels().size() - 1));
            }
            return new InferenceResult.Scores(probabilities, USAGE);
        }
        String text =
                request.output() instanceof Output.Json
                        ? "{\"people\":2}"
                        : new StringBuilder(textOf(request)).reverse().toString();
        return new InferenceResult.Generated(text, false, USAGE);
    }

    @Override
    public synchronized CompletionStage<InferenceResult> submit(InferenceRequest request) {
        if (onSubmit != null) {
            throw onSubmit;
        }
        asked.add(textOf(request));
        CompletableFuture<InferenceResult> future = new CompletableFuture<>();
        if (answersAtOnce) {
            future.complete(answer(request));
        } else {
            open.put(request, future);
        }
        return future;
    }

    /** Answers no more by itself. */
    synchronized void pause() {
        answersAtOnce = false;
    }

    /** Answers the open requests whose text fits. */
    synchronized void answer(Predicate<String> text) {
        end(text, null);
    }

    /** Answers the oldest open request. */
    synchronized void answerOne() {
        InferenceRequest oldest = open.keySet().iterator().next();
        open.remove(oldest).complete(answer(oldest));
    }

    /** Ends the open requests whose text fits in this way. */
    synchronized void end(Predicate<String> text, InferenceResult result) {
        for (InferenceRequest request : List.copyOf(open.keySet())) {
            if (text.test(textOf(request))) {
                open.remove(request).complete(result == null ? answer(request) : result);
            }
        }
    }

    /** Ends the open requests in the way of their texts; null leaves one open. */
    synchronized void endEach(Function<String, InferenceResult> results) {
        for (InferenceRequest request : List.copyOf(open.keySet())) {
            InferenceResult result = results.apply(textOf(request));
            if (result != null) {
                open.remove(request).complete(result);
            }
        }
    }

    /** Fails every submission in this way; null makes the engine well again. */
    synchronized void throwOnSubmit(RuntimeException failure) {
        onSubmit = failure;
    }

    /** The texts asked about, once for each request. */
    synchronized List<String> asked() {
        return List.copyOf(asked);
    }

    synchronized int openRequests() {
        return open.size();
    }

    synchronized boolean closed() {
        return closed;
    }

    @Override
    public synchronized void cancel(InferenceRequest request) {
        CompletableFuture<InferenceResult> future = open.remove(request);
        if (future != null) {
            future.complete(new InferenceResult.Cancelled());
        }
    }

    @Override
    public ModelInfo model() {
        return new ModelInfo("scripted", digest, "scripted", "llama", 2048, 256);
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        return textOf(request).length();
    }

    @Override
    public synchronized EngineStats stats() {
        return new EngineStats(0, 0, 0, 0, open.size(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public synchronized void close() {
        closed = true;
        open.values().forEach(f -> f.complete(new InferenceResult.Failed("closed")));
        open.clear();
    }
}
