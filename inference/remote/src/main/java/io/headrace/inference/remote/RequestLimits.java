package io.headrace.inference.remote;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How hard a server may be pressed.
 *
 * @param concurrency the most requests at a time
 * @param requestsPerMinute the most requests in any minute; 0 sets no limit
 * @param tokensPerMinute the most tokens in any minute, prompts and answers together; 0 sets none
 * @param timeout the longest time from sending a request to the end of its answer
 */
public record RequestLimits(
        int concurrency, int requestsPerMinute, long tokensPerMinute, Duration timeout)
        implements Serializable {

    /** Sixteen at a time, a minute each, no rate. */
    public static final RequestLimits DEFAULT = new RequestLimits(16, 0, 0, Duration.ofMinutes(1));

    public RequestLimits {
        Objects.requireNonNull(timeout, "timeout");
        if (concurrency < 1) {
            throw new IllegalArgumentException(
                    "concurrency must be at least 1, not " + concurrency);
        }
        if (requestsPerMinute < 0 || tokensPerMinute < 0) {
            throw new IllegalArgumentException("a rate must not be negative");
        }
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must be positive, not " + timeout);
        }
    }

    /** The part of one of so many engines: rates are shared out, at least one request each. */
    RequestLimits shared(int engines) {
        return new RequestLimits(
                concurrency,
                requestsPerMinute == 0 ? 0 : Math.max(1, requestsPerMinute / engines),
                tokensPerMinute == 0 ? 0 : Math.max(1, tokensPerMinute / engines),
                timeout);
    }
}
