package io.headrace.operators;

import java.io.Serializable;
import java.time.Duration;

/**
 * What happens to requests that fail or take too long.
 *
 * @param timeout the longest time for all attempts of a record together
 * @param maxAttempts how often a request is tried when its failure can pass; at least 1
 * @param backoff wait before the second attempt; doubles with each further one
 * @param failJob whether a record that cannot be enriched fails the job instead of becoming a dead
 *     letter
 */
public record FailurePolicy(Duration timeout, int maxAttempts, Duration backoff, boolean failJob)
        implements Serializable {

    /** Three attempts in five minutes, then a dead letter. */
    public static final FailurePolicy DEFAULT =
            new FailurePolicy(Duration.ofMinutes(5), 3, Duration.ofSeconds(1), false);

    private static final int MAX_DOUBLINGS = 10;

    public FailurePolicy {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive, not " + timeout);
        }
        if (maxAttempts < 1) {
            throw new IllegalArgumentException(
                    "maxAttempts must be at least 1, not " + maxAttempts);
        }
        if (backoff.isNegative()) {
            throw new IllegalArgumentException("backoff must not be negative: " + backoff);
        }
    }

    /** Milliseconds to wait before the next attempt, after so many. */
    long backoffMillis(int attempts) {
        return backoff.toMillis() << Math.min(attempts - 1, MAX_DOUBLINGS);
    }
}
