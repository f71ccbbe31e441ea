package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;

/** Nothing may follow. */
final class EndTerm extends Term {

    static final EndTerm END = new EndTerm();

    private EndTerm() {}

    @Override
    boolean nullable() {
        return true;
    }

    @Override
    Term derive(int value, SpanSource source) {
        return null;
    }

    @Override
    void addFirst(ByteSet bytes, SpanSource source) {}

    @Override
    boolean readsSource() {
        return false;
    }

    @Override
    long shortestLength(SpanSource source) {
        return 0;
    }

    @Override
    void appendShortest(ByteArrayOutputStream out, SpanSource source) {}

    @Override
    Term withoutFarLimits(TokenReach reach) {
        return this;
    }
}
