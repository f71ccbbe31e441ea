package io.headrace.benchmarks;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One timed run of requests.
 *
 * @param nanos wall time
 * @param processorNanos processor time of all threads
 * @param steps calls of the model
 * @param rows rows computed in them
 * @param javaShare share of the engine's time between the calls
 * @param hitRate share of prompt tokens that were held already
 */
record Measured(
        long nanos, long processorNanos, long steps, long rows, double javaShare, double hitRate) {

    /** Submits all at once and waits for all. */
    static Measured together(InferenceEngine engine, List<InferenceRequest> requests) {
        EngineStats before = engine.stats();
        long processor = Time.processorNanos();
        long begin = System.nanoTime();
        List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
        requests.forEach(request -> results.add(engine.submit(request).toCompletableFuture()));
        results.forEach(result -> requireCompleted(result.join()));
        return of(before, engine.stats(), System.nanoTime() - begin, processor);
    }

    /** Submits each when the one before has ended. */
    static Measured oneByOne(InferenceEngine engine, List<InferenceRequest> requests) {
        EngineStats before = engine.stats();
        long processor = Time.processorNanos();
        long begin = System.nanoTime();
        requests.forEach(
                request -> requireCompleted(engine.submit(request).toCompletableFuture().join()));
        return of(before, engine.stats(), System.nanoTime() - begin, processor);
    }

    private static Measured of(EngineStats before, EngineStats after, long nanos, long processor) {
        long java = after.javaNanos() - before.javaNanos();
        long steps = after.stepNanos() - before.stepNanos();
        long prompt = after.promptTokens() - before.promptTokens();
        return new Measured(
                nanos,
                Time.processorNanos() - processor,
                after.steps() - before.steps(),
                after.rows() - before.rows(),
                (double) java / (java + steps),
                (double) (after.cachedTokens() - before.cachedTokens()) / prompt);
    }

    private static void requireCompleted(InferenceResult result) {
        if (!(result instanceof InferenceResult.Completed)) {
            throw new IllegalStateException("a request ended as " + result);
        }
    }
}
