package io.headrace.operators;

import io.headrace.inference.ModelInfo;
import io.headrace.inference.Usage;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.task.TaskResult;
import java.util.ArrayList;
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
        List<TaskResult> results = new ArrayList<>(outcomes.size());
        List<TaskAnswer> answers = new ArrayList<>(outcomes.size());
        Usage usage = Usage.NONE;
        for (TaskOutcome outcome : outcomes) {
            results.add(outcome.result());
            // What came from the cache cost nothing.
            Usage cost = cacheHit ? Usage.NONE : outcome.usage();
            usage = usage.with(cost);
            answers.add(answer(outcome, cost, model));
        }
        return new Enriched<>(
                record,
                results,
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
                        TimeUnit.NANOSECONDS.toMillis(usage.computeNanos()),
                        answers));
    }

    private static TaskAnswer answer(TaskOutcome outcome, Usage cost, ModelInfo model) {
        String answeredBy = outcome.usage().answeredBy();
        return new TaskAnswer(
                answeredBy.isEmpty() ? model.name() : answeredBy,
                outcome.cascaded(),
                cost.promptTokens(),
                cost.outputTokens(),
                cost.costNanos());
    }
}
