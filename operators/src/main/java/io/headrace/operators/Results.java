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
        Usage usage = Usage.NONE;
        if (!cacheHit) { // What came from the cache cost nothing.
            for (TaskOutcome outcome : outcomes) {
                usage = usage.with(outcome.usage());
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
                        usage.promptTokens(),
                        usage.cachedTokens(),
                        usage.outputTokens(),
                        cacheHit,
                        TimeUnit.NANOSECONDS.toMillis(usage.queueNanos()),
                        TimeUnit.NANOSECONDS.toMillis(usage.computeNanos())));
    }
}
