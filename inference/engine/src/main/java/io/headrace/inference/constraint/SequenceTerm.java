package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;

/** One term, then another. Chains lean to the right, so that a byte touches only the head. */
final class SequenceTerm extends Term {

    private final Term head;
    private final Term tail;
    private final int hash;

    private SequenceTerm(Term head, Term tail) {
        this.head = head;
        this.tail = tail;
        this.hash = head.hashCode() * 31 + tail.hashCode();
    }

    /** Null when one of the two is null: without words in a part there are none in the whole. */
    static Term of(Term head, Term tail) {
        if (head == null || tail == null) {
            return null;
        }
        if (head == EndTerm.END) {
            return tail;
        }
        if (tail == EndTerm.END) {
            return head;
        }
        if (head instanceof SequenceTerm sequence) {
            return new SequenceTerm(sequence.head, of(sequence.tail, tail));
        }
        return new SequenceTerm(head, tail);
    }

    @Override
    boolean nullable() {
        return head.nullable() && tail.nullable();
    }

    @Override
    Term derive(int value, SpanSource source) {
        Term within = of(head.derive(value, source), tail);
        return head.nullable() ? ChoiceTerm.of(within, tail.derive(value, source)) : within;
    }

    @Override
    Term afterUnwrittenSpace() {
        return of(head.afterUnwrittenSpace(), tail);
    }

    @Override
    void addFirst(ByteSet bytes, SpanSource source) {
        head.addFirst(bytes, source);
        if (head.nullable()) {
            tail.addFirst(bytes, source);
        }
    }

    @Override
    boolean readsSource() {
        return head.readsSource() || (head.nullable() && tail.readsSource());
    }

    @Override
    int freeCharacters() {
        return head.freeCharacters();
    }

    @Override
    long shortestLength(SpanSource source) {
        return head.shortestLength(source) + tail.shortestLength(source);
    }

    @Override
    void appendShortest(ByteArrayOutputStream out, SpanSource source) {
        head.appendShortest(out, source);
        tail.appendShortest(out, source);
    }

    @Override
    Term withoutFarLimits(TokenReach reach) {
        Term boundedHead = head.bounded(reach);
        Term boundedTail = tail.bounded(reach);
        return boundedHead == head && boundedTail == tail ? this : of(boundedHead, boundedTail);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof SequenceTerm term
                        && hash == term.hash
                        && head.equals(term.head)
                        && tail.equals(term.tail));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
