package io.headrace.operators;

import io.headrace.inference.ModelInfo;
import io.headrace.inference.Usage;
import io.headrace.operators.state.TaskOutcome;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Puts the outcomes of a record's tasks together. */
final class Results {

    private Results() {}

    static <T> Enriched<T> of(
            T record,
            List<TaskOutcome> outcomes,
            boolean cacheHit,
            String tasksVersion,
            ModelInfo model) {
        int promptTokens = 0;
        int cachedTokens = 0;
        int outputTokens = 0;
        long queueNanos = 0;
        long computeNanos = 0;
        if (!cacheHit) { // What came from the cache cost nothing.
            for (TaskOutcome outcome : outcomes) {
                Usage usage = outcome.usage();
                promptTokens += usage.promptTokens();
                cachedTokens += usage.cachedTokens();
                outputTokens += usage.outputTokens();
                queueNanos = Math.max(queueNanos, usage.queueNanos());
                computeNanos = Math.max(computeNanos, usage.computeNanos());
            }
        }
        return new Enriched<>(
                record,
                outcomes.stream().map(TaskOutcome::result).toList(),
                new Provenance(
                        tasksVersion,
                        model.name(),
                        model.digest(),
                        model.engine(),
                        promptTokens,
                        cachedTokens,
                        outputTokens,
                        cacheHit,
                        TimeUnit.NANOSECONDS.toMillis(queueNanos),
                        TimeUnit.NANOSECONDS.toMillis(computeNanos)));
    }
}
