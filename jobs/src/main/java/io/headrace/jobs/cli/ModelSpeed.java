package io.headrace.jobs.cli;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * How fast a model runs here, from about two seconds of it.
 *
 * @param read tokens of prompts a second
 * @param written tokens of eight answers at once a second
 */
record ModelSpeed(double read, double written) {

    private static final int AT_ONCE = 8;
    private static final long READ_MILLIS = 700;
    private static final long WRITE_MILLIS = 1300;

    /** A model that takes longer for these is measured longer. */
    private static final int LEAST_STEPS = 4;

    static ModelSpeed measure(EngineOptions options) throws InterruptedException {
        try (InferenceEngine engine = Engines.open(options)) {
            return measure(engine, options.contextTokens());
        }
    }

    /** Measures an engine that does nothing else meanwhile. */
    static ModelSpeed measure(InferenceEngine engine, int contextTokens)
            throws InterruptedException {
        double read = read(engine, contextTokens);
        return new ModelSpeed(read, written(engine, contextTokens));
    }

    /** Prompts that share nothing, until the time is over. */
    private static double read(InferenceEngine engine, int contextTokens) {
        EngineStats before = engine.stats();
        long begin = System.nanoTime();
        int words = Math.min(128, contextTokens / 16);
        for (int i = 0; millisSince(begin) < READ_MILLIS; i++) {
            String text = (i + " what a record may say ").repeat(words / 6 + 1);
            engine.submit(request(text, 1)).toCompletableFuture().join();
        }
        return rate(before, engine.stats());
    }

    private static double written(InferenceEngine engine, int contextTokens)
            throws InterruptedException {
        EngineStats before = engine.stats();
        long begin = System.nanoTime();
        List<InferenceRequest> requests = new ArrayList<>();
        List<CompletableFuture<?>> results = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            InferenceRequest request = request(i + " go on", contextTokens / 4);
            requests.add(request);
            results.add(engine.submit(request).toCompletableFuture());
        }
        CompletableFuture<?> all =
                CompletableFuture.allOf(results.toArray(CompletableFuture[]::new));
        while (!all.isDone()
                && (millisSince(begin) < WRITE_MILLIS
                        || engine.stats().steps() - before.steps() < LEAST_STEPS)) {
            Thread.sleep(10);
        }
        EngineStats after = engine.stats();
        requests.forEach(engine::cancel);
        return rate(before, after);
    }

    private static double rate(EngineStats before, EngineStats after) {
        long nanos =
                after.stepNanos() - before.stepNanos() + after.javaNanos() - before.javaNanos();
        return nanos == 0 ? 0 : (after.rows() - before.rows()) * 1e9 / nanos;
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private static InferenceRequest request(String text, int maxTokens) {
        return new InferenceRequest(
                new Prompt("", List.of(text)),
                new Output.Text(maxTokens, List.of(), Sampling.GREEDY));
    }
}
