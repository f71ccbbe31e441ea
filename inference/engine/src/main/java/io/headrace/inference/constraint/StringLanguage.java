package io.headrace.inference.constraint;

import java.util.BitSet;
import java.util.List;

/**
 * The values that a JSON string may have: an automaton over code points and the lengths of its
 * words.
 *
 * <p>Its alphabet is what the output can hold: all code points but the surrogates and those control
 * characters that JSON has no short escape for.
 */
final class StringLanguage {

    /** Characters that stand in the output as a backslash and a letter. */
    static final String ESCAPED = "\"\\\b\f\n\r\t";

    /** The letters of {@link #ESCAPED}, in its order. */
    static final String ESCAPE_LETTERS = "\"\\bfnrt";

    private static final CodePointSet ALPHABET =
            CodePointSet.of(ESCAPED)
                    .union(CodePointSet.range(' ', 0xD7FF))
                    .union(CodePointSet.range(0xE000, Character.MAX_CODE_POINT));

    /** The most entries of the table of word lengths. */
    private static final long MAX_LENGTH_STEPS = 50_000_000;

    private static final Dfa ANY =
            RegexCompiler.compile(new Regex.Repeat(new Regex.Symbol(ALPHABET), 0, -1));

    private final Dfa dfa;
    private final int least;
    private final int most;
    private final BitSet[] lengths;
    private final int greatestDistance;

    private StringLanguage(Dfa dfa, int least, int most) {
        this.dfa = dfa;
        this.least = least;
        this.most = most;
        this.lengths = dfa.wordLengths(most);
        int greatest = 0;
        for (int state = 0; state < dfa.size(); state++) {
            greatest = Math.max(greatest, dfa.distance(state));
        }
        this.greatestDistance = greatest;
    }

    /**
     * The strings of {@code least} to {@code most} code points that are words of all automata.
     *
     * @param automata may hold null, which has no words
     * @return null when there is none
     * @throws IllegalArgumentException when the automaton would be too large
     */
    static StringLanguage of(List<Dfa> automata, int least, int most) {
        Dfa dfa = ANY;
        for (Dfa automaton : automata) {
            dfa = dfa == null || automaton == null ? null : dfa.intersect(automaton);
        }
        if (dfa == null) {
            return null;
        }
        long steps = 0;
        for (int state = 0; state < dfa.size(); state++) {
            steps += dfa.steps(state).count();
        }
        if (steps * most > MAX_LENGTH_STEPS) {
            throw new IllegalArgumentException(
                    "the pattern is too large for a maxLength of " + most);
        }
        StringLanguage language = new StringLanguage(dfa, least, most);
        return language.canFinish(0, least, most) ? language : null;
    }

    /** Whether a value is in the language. */
    boolean matches(String value) {
        int[] points = value.codePoints().toArray();
        return points.length >= least && points.length <= most && dfa.matches(points);
    }

    /** Whether all characters are allowed everywhere. */
    boolean any() {
        return dfa == ANY;
    }

    Dfa dfa() {
        return dfa;
    }

    int least() {
        return least;
    }

    int most() {
        return most;
    }

    /** Whether some word of {@code least} to {@code most} more code points ends the string. */
    boolean canFinish(int state, int least, int most) {
        if (most == Term.UNLIMITED) {
            return true;
        }
        int length = lengths[state].nextSetBit(least);
        return length >= 0 && length <= most;
    }

    /** The least number of further code points that ends the string. */
    int shortest(int state, int least) {
        return lengths[state].nextSetBit(least);
    }

    /** Whether exactly {@code length} more code points can end the string. */
    boolean canFinishIn(int state, int length) {
        return lengths[state].get(length);
    }

    /** What remains of the lower limit when a token cannot tell it from a greater one. */
    int farLeast(int least, TokenReach reach) {
        return any() && least > reach.bytes() ? Term.UNLIMITED : least;
    }

    /**
     * What remains of the upper limit when a token cannot use it up. With a pattern, each state in
     * reach must still be able to end in time, which is sure only without a lower limit.
     */
    int farMost(int least, int most, TokenReach reach) {
        return (any() || least == 0) && most > (long) reach.bytes() + greatestDistance
                ? Term.UNLIMITED
                : most;
    }
}
