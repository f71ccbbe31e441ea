package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;

/**
 * What may still be written: a language over bytes, rewritten by each byte that is written
 * (Brzozowski's derivative). Immutable, compared by content.
 *
 * <p>The invariant that makes decoding safe: <b>every term has at least one word</b>. A language
 * without words is not a term but null, and each constructor refuses or prunes it, so a byte that
 * leads to a term never leads into a dead end.
 *
 * <p>Repetition is held in counters (characters left of a string, items left of an array) and not
 * in copies of states, so a limit of 10,000 costs no more than one of 10. A counter far above what
 * one token can use up makes no difference to the mask: {@link #bounded} replaces it with
 * "unlimited", so that masks are shared between all such states.
 *
 * <p>Some terms read the source text of the record (see {@link SpanTerm}); it is handed in, so that
 * all other terms, and the masks made from them, are shared between records.
 */
abstract class Term {

    /** A counter without a limit. Stands only in terms that masks are computed from. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    private Term bounded;

    /** Whether the empty word is in the language. */
    abstract boolean nullable();

    /** What may follow a byte of the output; null when the byte is not allowed. */
    abstract Term derive(int value, SpanSource source);

    /**
     * What may follow a space that is read but not written, before a span; null where there is
     * none. See {@link SpanTerm}.
     */
    Term afterUnwrittenSpace() {
        return null;
    }

    /** What may follow a byte of a token, written or not; null when the byte is not allowed. */
    final Term after(int value, SpanSource source) {
        Term next = derive(value, source);
        return next == null && value == ' ' ? afterUnwrittenSpace() : next;
    }

    /** Adds the bytes that {@link #derive} allows. */
    abstract void addFirst(ByteSet bytes, SpanSource source);

    /** Whether {@link #derive} reads the source text. */
    abstract boolean readsSource();

    /** The length in bytes of the word that {@link #appendShortest} writes. */
    abstract long shortestLength(SpanSource source);

    /** Writes a shortest word of the language. */
    abstract void appendShortest(ByteArrayOutputStream out, SpanSource source);

    /**
     * How many characters of any kind may follow before anything else can; negative where that is
     * not so. It is a short cut for masks: see {@link PlainTokens}.
     */
    int freeCharacters() {
        return -1;
    }

    /** Replaces the counters that one token cannot use up. */
    abstract Term withoutFarLimits(TokenReach reach);

    /**
     * The term that gives the same mask for every token of a vocabulary, with unlimited counters
     * where they are out of reach. Remembered; the race is harmless, since terms are immutable.
     */
    final Term bounded(TokenReach reach) {
        Term known = bounded;
        if (known == null) {
            known = withoutFarLimits(reach);
            bounded = known;
        }
        return known;
    }

    /** One less, not below zero; unlimited stays so. */
    static int decrement(int counter) {
        return counter == UNLIMITED ? UNLIMITED : Math.max(0, counter - 1);
    }
}
