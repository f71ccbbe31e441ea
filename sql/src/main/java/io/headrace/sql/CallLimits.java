package io.headrace.sql;

import java.io.Serializable;
import java.time.Duration;

/**
 * How long and how often a row is tried.
 *
 * @param timeout the longest time for all attempts together
 * @param maxAttempts how often a failure that can pass is tried; at least 1
 */
record CallLimits(Duration timeout, int maxAttempts) implements Serializable {

    /** Keeps the deadline ahead of Flink's own, which would fail the job for one slow row. */
    CallLimits within(Duration flinkTimeout) {
        Duration before = flinkTimeout.multipliedBy(9).dividedBy(10);
        return timeout.compareTo(before) <= 0 ? this : new CallLimits(before, maxAttempts);
    }
}
