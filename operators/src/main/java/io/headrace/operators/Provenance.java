package io.headrace.operators;

import java.util.List;
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
 * @param answers which model answered each task, in the order of the task set; none in records of
 *     versions that did not say
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
        long computeMillis,
        List<TaskAnswer> answers) {

    public Provenance {
        answers = List.copyOf(answers);
        Objects.requireNonNull(tasksVersion, "tasksVersion");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(modelDigest, "modelDigest");
        Objects.requireNonNull(engine, "engine");
    }

    /** Money that the record cost, in billionths of the currency that prices are in. */
    public long costNanos() {
        long sum = 0;
        for (TaskAnswer answer : answers) {
            sum += answer.costNanos();
        }
        return sum;
    }

    /** Without the models of single tasks. */
    public Provenance(
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
        this(
                tasksVersion,
                model,
                modelDigest,
                engine,
                promptTokens,
                cachedTokens,
                outputTokens,
                cacheHit,
                queueMillis,
                computeMillis,
                List.of());
    }

    /** Of a record without results. */
    static Provenance none() {
        return new Provenance("", "", "", "", 0, 0, 0, false, 0, 0);
    }

    /**
     * With what other results of the record cost: tokens add up, of times the longer counts, and it
     * is a cache hit where some of the results were one.
     *
     * @param all the answers of both, in the order of the tasks
     */
    Provenance with(Provenance other, List<TaskAnswer> all) {
        return new Provenance(
                tasksVersion,
                model,
                modelDigest,
                engine,
                promptTokens + other.promptTokens,
                cachedTokens + other.cachedTokens,
                outputTokens + other.outputTokens,
                cacheHit || other.cacheHit,
                Math.max(queueMillis, other.queueMillis),
                Math.max(computeMillis, other.computeMillis),
                all);
    }
}
