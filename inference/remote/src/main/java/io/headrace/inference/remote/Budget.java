package io.headrace.inference.remote;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * What may be used.
 *
 * @param tokens the most tokens in a window, prompts and answers together
 * @param costNanos the most money in a window, in billionths of the currency
 * @param window length of a window; windows begin at multiples of it since 1970, so one of a day
 *     begins at midnight UTC. Zero never renews
 * @param holds whether requests wait for the next window when one is used up; else they end as over
 *     budget
 */
public record Budget(long tokens, long costNanos, Duration window, boolean holds)
        implements Serializable {

    /** No limit. */
    public static final Budget NONE =
            new Budget(Long.MAX_VALUE, Long.MAX_VALUE, Duration.ZERO, false);

    public Budget {
        Objects.requireNonNull(window, "window");
        if (tokens < 0 || costNanos < 0 || window.isNegative()) {
            throw new IllegalArgumentException("a budget must not be negative");
        }
        if (holds && window.isZero()) {
            throw new IllegalArgumentException(
                    "a budget that is never renewed cannot hold requests back");
        }
    }

    /** Number of the window at this time. */
    long window(long epochMillis) {
        return window.isZero() ? 0 : Math.floorDiv(epochMillis, window.toMillis());
    }

    /** Milliseconds until the next window. */
    long millisLeft(long epochMillis) {
        return window.toMillis() - Math.floorMod(epochMillis, window.toMillis());
    }
}
