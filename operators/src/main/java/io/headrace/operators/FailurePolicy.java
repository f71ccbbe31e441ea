package io.headrace.operators;

import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * What happens to requests that fail or take too long.
 *
 * @param timeout the longest time for one attempt, its wait in the engine's queue included; an
 *     attempt that takes longer is cancelled and counts as a failure that can pass
 * @param maxAttempts how often a request is tried when its failure can pass; at least 1
 * @param backoff wait before the second attempt; doubles with each further one
 * @param action what becomes of a record in the end
 * @param byErrorClass exceptions from that, by {@link Failure#errorClass()}
 */
public record FailurePolicy(
        Duration timeout,
        int maxAttempts,
        Duration backoff,
        FailureAction action,
        Map<String, FailureAction> byErrorClass)
        implements Serializable {

    /** Three attempts of five minutes, then a dead letter. */
    public static final FailurePolicy DEFAULT =
            new FailurePolicy(
                    Duration.ofMinutes(5),
                    3,
                    Duration.ofSeconds(1),
                    FailureAction.DEAD_LETTER,
                    Map.of());

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
        Objects.requireNonNull(action, "action");
        byErrorClass = Map.copyOf(byErrorClass);
    }

    public FailurePolicy withTimeout(Duration newTimeout) {
        return new FailurePolicy(newTimeout, maxAttempts, backoff, action, byErrorClass);
    }

    public FailurePolicy withMaxAttempts(int attempts) {
        return new FailurePolicy(timeout, attempts, backoff, action, byErrorClass);
    }

    public FailurePolicy withBackoff(Duration newBackoff) {
        return new FailurePolicy(timeout, maxAttempts, newBackoff, action, byErrorClass);
    }

    public FailurePolicy withAction(FailureAction newAction) {
        return new FailurePolicy(timeout, maxAttempts, backoff, newAction, byErrorClass);
    }

    public FailurePolicy withActions(Map<String, FailureAction> actions) {
        return new FailurePolicy(timeout, maxAttempts, backoff, action, actions);
    }

    FailureAction action(Failure failure) {
        return byErrorClass.getOrDefault(failure.errorClass(), action);
    }

    /** Milliseconds to wait before the next attempt, after so many. */
    long backoffMillis(int attempts) {
        return backoff.toMillis() << Math.min(attempts - 1, MAX_DOUBLINGS);
    }
}
