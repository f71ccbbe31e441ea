package io.headrace.inference;

import java.io.Serializable;

/**
 * What an engine has used of its budget.
 *
 * @param window number of the budget's window, counted from 1970; 0 where it is never renewed
 * @param tokens tokens used in that window, those reserved for requests under way included
 * @param costNanos money likewise, in billionths of the currency
 */
public record Spending(long window, long tokens, long costNanos) implements Serializable {

    /** Nothing used. */
    public static final Spending NONE = new Spending(0, 0, 0);

    /** Both together; of different windows the later one alone. */
    public Spending with(Spending other) {
        if (window != other.window) {
            return window > other.window ? this : other;
        }
        return new Spending(window, tokens + other.tokens, costNanos + other.costNanos);
    }
}
