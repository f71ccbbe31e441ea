package io.headrace.operators;

import java.io.Serializable;
import java.time.Duration;

/**
 * How long and how much the result cache of a keyed stream keeps.
 *
 * @param timeToLive how long results answer equal texts of a key; zero keeps none
 * @param maxEntriesPerKey the most texts of one key; the oldest give way
 */
public record CacheOptions(Duration timeToLive, int maxEntriesPerKey) implements Serializable {

    /** A day, a thousand texts for each key. */
    public static final CacheOptions DEFAULT = new CacheOptions(Duration.ofDays(1), 1_000);

    /** Keeps nothing. */
    public static final CacheOptions NONE = new CacheOptions(Duration.ZERO, 1);

    public CacheOptions {
        if (timeToLive.isNegative()) {
            throw new IllegalArgumentException("timeToLive must not be negative: " + timeToLive);
        }
        if (maxEntriesPerKey < 1) {
            throw new IllegalArgumentException(
                    "maxEntriesPerKey must be at least 1, not " + maxEntriesPerKey);
        }
    }
}
