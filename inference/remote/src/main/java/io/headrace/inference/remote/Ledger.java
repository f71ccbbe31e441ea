package io.headrace.inference.remote;

import io.headrace.inference.Spending;

/**
 * Keeps an engine within its share of the budget: the most that a request can cost is reserved
 * before it is sent, and what it did cost is settled after. Not thread-safe.
 *
 * <p>A request that was sent in one window and answered in the next counts in the next.
 */
final class Ledger {

    /** Whether a request may be sent. */
    enum Decision {
        /** Yes; its cost is reserved. */
        GRANTED,
        /** Not before one of those under way has been settled. */
        AFTER_OTHERS,
        /** Not in this window. */
        SPENT,
        /** In no window: it needs more than all of it. */
        TOO_LARGE
    }

    /** Tokens and money, in billionths of the currency. */
    record Amount(long tokens, long costNanos) {

        static final Amount ZERO = new Amount(0, 0);

        Amount plus(Amount other) {
            return new Amount(tokens + other.tokens, costNanos + other.costNanos);
        }

        Amount minus(Amount other) {
            return new Amount(tokens - other.tokens, costNanos - other.costNanos);
        }

        boolean within(Amount limit) {
            return tokens <= limit.tokens && costNanos <= limit.costNanos;
        }
    }

    private final Budget budget;
    private final RemoteOptions.Share share;

    private long window;
    private Amount spent = Amount.ZERO;
    private Amount reserved = Amount.ZERO;

    Ledger(Budget budget, RemoteOptions.Share share) {
        this.budget = budget;
        this.share = share;
        this.window = share.before().window();
    }

    Decision reserve(Amount most, long epochMillis) {
        renew(epochMillis);
        if (!most.within(limit(Amount.ZERO))) {
            return Decision.TOO_LARGE;
        }
        Amount limit = limit(usedBefore());
        if (!spent.plus(most).within(limit)) {
            return Decision.SPENT;
        }
        if (!spent.plus(reserved).plus(most).within(limit)) {
            return Decision.AFTER_OTHERS;
        }
        reserved = reserved.plus(most);
        return Decision.GRANTED;
    }

    /** Replaces a reservation by what the request did cost. */
    void settle(Amount reservation, Amount actual, long epochMillis) {
        renew(epochMillis);
        reserved = reserved.minus(reservation);
        spent = spent.plus(actual);
    }

    /** What this engine used in the present window, reservations included. */
    Spending spending(long epochMillis) {
        renew(epochMillis);
        Amount used = spent.plus(reserved);
        return new Spending(window, used.tokens(), used.costNanos());
    }

    private void renew(long epochMillis) {
        long now = budget.window(epochMillis);
        if (now > window) {
            window = now;
            spent = Amount.ZERO;
        }
    }

    private Amount usedBefore() {
        return window == share.before().window()
                ? new Amount(share.before().tokens(), share.before().costNanos())
                : Amount.ZERO;
    }

    private Amount limit(Amount used) {
        return new Amount(
                part(budget.tokens(), used.tokens()), part(budget.costNanos(), used.costNanos()));
    }

    private long part(long whole, long used) {
        return whole == Long.MAX_VALUE
                ? whole
                : Math.max(0, whole / share.operators() - used) / share.engines();
    }
}
