package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;

/** What follows an item of an array: the closing bracket, or a comma and the next item. */
final class ItemsTerm extends Term {

    private final Term item;
    private final int least;
    private final int most;
    private final int hash;

    private ItemsTerm(Term item, int least, int most) {
        this.item = item;
        this.least = least;
        this.most = most;
        this.hash = (item.hashCode() * 31 + least) * 31 + most;
    }

    /**
     * A whole array.
     *
     * @param item null when there is no possible item; the array can then only be empty
     * @return null when there is no such array
     */
    static Term array(Term item, int least, int most) {
        if (least > most || (item == null && least > 0)) {
            return null;
        }
        Term empty = least == 0 ? DfaTerm.literal("]") : null;
        Term filled =
                item == null || most == 0
                        ? null
                        : SequenceTerm.of(
                                item, new ItemsTerm(item, Math.max(0, least - 1), most - 1));
        return SequenceTerm.of(DfaTerm.literal("["), ChoiceTerm.of(empty, filled));
    }

    @Override
    boolean nullable() {
        return false;
    }

    @Override
    Term derive(int value, SpanSource source) {
        if (value == ']') {
            return least == 0 ? EndTerm.END : null;
        }
        if (value != ',' || most == 0) {
            return null;
        }
        return SequenceTerm.of(item, new ItemsTerm(item, decrement(least), decrement(most)));
    }

    @Override
    void addFirst(ByteSet bytes, SpanSource source) {
        if (least == 0) {
            bytes.add(']');
        }
        if (most > 0) {
            bytes.add(',');
        }
    }

    @Override
    boolean readsSource() {
        return false;
    }

    @Override
    long shortestLength(SpanSource source) {
        return least * (1 + item.shortestLength(source)) + 1;
    }

    @Override
    void appendShortest(ByteArrayOutputStream out, SpanSource source) {
        for (int i = 0; i < least; i++) {
            out.write(',');
            item.appendShortest(out, source);
        }
        out.write(']');
    }

    @Override
    Term withoutFarLimits(TokenReach reach) {
        Term boundedItem = item.bounded(reach);
        int boundedLeast = least > reach.items() ? UNLIMITED : least;
        int boundedMost = most > reach.items() ? UNLIMITED : most;
        return boundedItem == item && boundedLeast == least && boundedMost == most
                ? this
                : new ItemsTerm(boundedItem, boundedLeast, boundedMost);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof ItemsTerm term
                        && hash == term.hash
                        && least == term.least
                        && most == term.most
                        && item.equals(term.item));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
