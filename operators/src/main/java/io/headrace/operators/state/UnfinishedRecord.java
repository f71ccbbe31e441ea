package io.headrace.operators.state;

import io.headrace.operators.Failure;
import java.util.List;
import java.util.Optional;

/**
 * A record that was not yet emitted when a checkpoint was taken, with what was already found out
 * about it.
 *
 * @param value the record
 * @param timestamp its event time in milliseconds, if it has one
 * @param fingerprint of tasks and model that the answers come from
 * @param tasks how far each task had come
 * @param failure why it cannot be enriched, if that is known
 * @param cacheHit whether its outcomes came from the result cache, and so cost nothing
 */
public record UnfinishedRecord<T>(
        T value,
        Optional<Long> timestamp,
        String fingerprint,
        List<TaskProgress> tasks,
        Optional<Failure> failure,
        boolean cacheHit) {

    public UnfinishedRecord {
        tasks = List.copyOf(tasks);
    }
}
