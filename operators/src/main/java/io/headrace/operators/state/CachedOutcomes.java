package io.headrace.operators.state;

import java.util.List;

/**
 * The outcomes of all tasks for a text, as the result cache keeps them.
 *
 * @param writtenMillis processing time at which they were written
 * @param outcomes one for each task
 */
public record CachedOutcomes(long writtenMillis, List<TaskOutcome> outcomes) {

    public CachedOutcomes {
        outcomes = List.copyOf(outcomes);
    }
}
