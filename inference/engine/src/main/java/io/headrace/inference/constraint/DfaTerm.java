package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A word of an automaton over bytes: a key, punctuation, a number, a value of an enum. */
final class DfaTerm extends Term {

    private final Dfa dfa;
    private final int state;

    private DfaTerm(Dfa dfa, int state) {
        this.dfa = dfa;
        this.state = state;
    }

    /** The words of a trim automaton. */
    static Term of(Dfa dfa) {
        return at(dfa, 0);
    }

    /** Exactly this text. */
    static Term literal(String text) {
        return of(RegexCompiler.compile(Regex.bytes(text.getBytes(StandardCharsets.UTF_8))));
    }

    private static Term at(Dfa dfa, int state) {
        boolean ended = dfa.accepting(state) && dfa.steps(state).count() == 0;
        return ended ? EndTerm.END : new DfaTerm(dfa, state);
    }

    @Override
    boolean nullable() {
        return dfa.accepting(state);
    }

    @Override
    Term derive(int value, SpanSource source) {
        int next = dfa.next(state, value);
        return next < 0 ? null : at(dfa, next);
    }

    @Override
    void addFirst(ByteSet bytes, SpanSource source) {
        Dfa.Steps steps = dfa.steps(state);
        for (int i = 0; i < steps.count(); i++) {
            bytes.addRange(steps.low(i), steps.high(i));
        }
    }

    @Override
    boolean readsSource() {
        return false;
    }

    @Override
    long shortestLength(SpanSource source) {
        return dfa.distance(state);
    }

    @Override
    void appendShortest(ByteArrayOutputStream out, SpanSource source) {
        int at = state;
        while (dfa.distance(at) > 0) {
            Dfa.Steps steps = dfa.steps(at);
            int step = 0;
            while (dfa.distance(steps.target(step)) >= dfa.distance(at)) {
                step++;
            }
            out.write(steps.low(step));
            at = steps.target(step);
        }
    }

    @Override
    Term withoutFarLimits(TokenReach reach) {
        return this;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DfaTerm term && dfa == term.dfa && state == term.state;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(dfa) * 31 + state;
    }
}
