package io.headrace.operators;

import io.headrace.operators.task.TaskResult;
import java.util.List;

/**
 * A record with the results of its tasks. Immutable if the record is.
 *
 * @param record the record as it came in
 * @param results one for each task, in the order of the task set
 * @param provenance what made the results
 */
public record Enriched<T>(T record, List<TaskResult> results, Provenance provenance) {

    public Enriched {
        results = List.copyOf(results);
    }
}
