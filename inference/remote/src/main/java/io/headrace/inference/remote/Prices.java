package io.headrace.inference.remote;

import io.headrace.inference.Usage;
import java.io.Serializable;

/**
 * Prices of a million tokens, in one currency.
 *
 * @param input of prompt tokens
 * @param cachedInput of prompt tokens that the server's prefix cache held
 * @param output of answer tokens
 */
public record Prices(double input, double cachedInput, double output) implements Serializable {

    /** Nothing is billed. */
    public static final Prices FREE = new Prices(0, 0, 0);

    /** A price for a million tokens is a thousand times as many billionths for one. */
    private static final double NANOS = 1_000;

    public Prices {
        if (!(input >= 0) || !(cachedInput >= 0) || !(output >= 0)) {
            throw new IllegalArgumentException("a price must be 0 or more");
        }
    }

    /** What tokens cost, in billionths of the currency. */
    public long costNanos(long promptTokens, long cachedTokens, long outputTokens) {
        double fresh = (promptTokens - cachedTokens) * input;
        return Math.round(NANOS * (fresh + cachedTokens * cachedInput + outputTokens * output));
    }

    /** What a usage costs, in billionths of the currency. */
    public long costNanos(Usage usage) {
        return costNanos(usage.promptTokens(), usage.cachedTokens(), usage.outputTokens());
    }
}
