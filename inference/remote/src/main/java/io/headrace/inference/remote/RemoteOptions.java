package io.headrace.inference.remote;

import io.headrace.inference.Spending;
import java.io.Serializable;
import java.util.Objects;

/**
 * What a remote engine is opened with.
 *
 * @param endpoint the server
 * @param contextTokens the most tokens of one request's prompt and output together
 * @param limits how hard it may be pressed
 * @param prices what tokens cost
 * @param budget what may be used, by all engines of a job together
 * @param share which part of limits and budget is this engine's
 */
public record RemoteOptions(
        Endpoint endpoint,
        int contextTokens,
        RequestLimits limits,
        Prices prices,
        Budget budget,
        Share share)
        implements Serializable {

    /** Enough for a long mail. */
    public static final int DEFAULT_CONTEXT_TOKENS = 8_192;

    /**
     * A part of a job's rates and budget. The engines of a job do not talk to each other: each
     * operator has an equal part, and each engine of an operator an equal part of what that one has
     * left.
     *
     * @param operators how many operators of the job have engines
     * @param engines how many engines the operator has
     * @param before what all of these had used
     */
    public record Share(int operators, int engines, Spending before) implements Serializable {

        /** All of it. */
        public static final Share WHOLE = new Share(1, 1, Spending.NONE);
    }

    public RemoteOptions {
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(prices, "prices");
        Objects.requireNonNull(budget, "budget");
        Objects.requireNonNull(share, "share");
        if (contextTokens < 64) {
            throw new IllegalArgumentException(
                    "contextTokens must be at least 64, not " + contextTokens);
        }
    }

    /** With defaults, free and without a budget. */
    public static RemoteOptions of(Endpoint endpoint) {
        return new RemoteOptions(
                endpoint,
                DEFAULT_CONTEXT_TOKENS,
                RequestLimits.DEFAULT,
                Prices.FREE,
                Budget.NONE,
                Share.WHOLE);
    }

    public RemoteOptions withEndpoint(Endpoint newEndpoint) {
        return new RemoteOptions(newEndpoint, contextTokens, limits, prices, budget, share);
    }

    public RemoteOptions withLimits(RequestLimits newLimits) {
        return new RemoteOptions(endpoint, contextTokens, newLimits, prices, budget, share);
    }

    public RemoteOptions withPrices(Prices newPrices) {
        return new RemoteOptions(endpoint, contextTokens, limits, newPrices, budget, share);
    }

    public RemoteOptions withBudget(Budget newBudget) {
        return new RemoteOptions(endpoint, contextTokens, limits, prices, newBudget, share);
    }

    public RemoteOptions withShare(Share newShare) {
        return new RemoteOptions(endpoint, contextTokens, limits, prices, budget, newShare);
    }
}
