package io.headrace.operators;

import java.util.Objects;

/**
 * What made the results of a record.
 *
 * @param tasksVersion version of the task set
 * @param model name of the model
 * @param modelDigest SHA-256 of the model file
 * @param engine what computed
 * @param promptTokens prompt tokens of all tasks together
 * @param cachedTokens prompt tokens that the prefix cache already held
 * @param outputTokens tokens generated, forced or scored
 * @param cacheHit whether the results came from the result cache
 * @param queueMillis longest time that a task waited for the engine
 * @param computeMillis longest time that a task computed
 */
public record Provenance(
        String tasksVersion,
        String model,
        String modelDigest,
        String engine,
        int promptTokens,
        int cachedTokens,
        int outputTokens,
        boolean cacheHit,
        long queueMillis,
        long computeMillis) {

    public Provenance {
        Objects.requireNonNull(tasksVersion, "tasksVersion");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(modelDigest, "modelDigest");
        Objects.requireNonNull(engine, "engine");
    }

    /** Of a record without results. */
    static Provenance none() {
        return new Provenance("", "", "", "", 0, 0, 0, false, 0, 0);
    }

    /** With what other results of the record cost: tokens add up; of times the longer counts. */
    Provenance with(Provenance other) {
        return new Provenance(
                tasksVersion,
                model,
                modelDigest,
                engine,
                promptTokens + other.promptTokens,
                cachedTokens + other.cachedTokens,
                outputTokens + other.outputTokens,
                cacheHit,
                Math.max(queueMillis, other.queueMillis),
                Math.max(computeMillis, other.computeMillis));
    }
}
