package io.headrace.inference.remote;

import java.util.ArrayDeque;

/**
 * Holds requests and tokens under their rates in <em>any</em> minute, by a log of what was sent in
 * the last one. Not thread-safe. Times are those of {@link System#nanoTime}.
 */
final class RateWindow {

    private static final long MINUTE_NANOS = 60_000_000_000L;

    /** What was sent; its tokens are an estimate until the answer is there. */
    static final class Sent {
        private final long timeNanos;
        private long tokens;

        private Sent(long timeNanos, long tokens) {
            this.timeNanos = timeNanos;
            this.tokens = tokens;
        }
    }

    private final RequestLimits limits;
    private final ArrayDeque<Sent> log = new ArrayDeque<>();
    private long tokens;

    RateWindow(RequestLimits limits) {
        this.limits = limits;
    }

    /** How long a request of so many tokens has to wait; one that is alone never waits. */
    long waitNanos(long requestTokens, long nowNanos) {
        forget(nowNanos);
        long wait = 0;
        int requests = log.size();
        long left = tokens;
        for (Sent sent : log) {
            boolean manyRequests =
                    limits.requestsPerMinute() > 0 && requests >= limits.requestsPerMinute();
            boolean manyTokens =
                    limits.tokensPerMinute() > 0 && left + requestTokens > limits.tokensPerMinute();
            if (!manyRequests && !manyTokens) {
                break;
            }
            wait = sent.timeNanos + MINUTE_NANOS - nowNanos;
            requests--;
            left -= sent.tokens;
        }
        return wait;
    }

    Sent add(long requestTokens, long nowNanos) {
        Sent sent = new Sent(nowNanos, requestTokens);
        if (limits.requestsPerMinute() > 0 || limits.tokensPerMinute() > 0) {
            log.add(sent);
            tokens += requestTokens;
        }
        return sent;
    }

    /** Puts what the request took in place of the estimate. */
    void correct(Sent sent, long actualTokens) {
        if (log.contains(sent)) {
            tokens += actualTokens - sent.tokens;
            sent.tokens = actualTokens;
        }
    }

    private void forget(long nowNanos) {
        while (!log.isEmpty() && nowNanos - log.peek().timeNanos >= MINUTE_NANOS) {
            tokens -= log.poll().tokens;
        }
    }
}
