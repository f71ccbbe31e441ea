package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * What follows the opening quote of a string that must be a span of the source text: bytes of the
 * text, and the closing quote.
 *
 * <p>Most vocabularies have a word twice, with the space before it and without. What stands in a
 * text is mostly the first; what stands after a quote is the second, which a small model may never
 * have seen there. So one space may come before a span, for the sake of its token; it is no part of
 * the output.
 *
 * <p>All the places of the text where the bytes so far could stand are followed side by side. They
 * stand for the same text, so they share the count of characters.
 */
final class SpanTerm extends Term {

    /** Before the first byte: the source's starts stand for the positions. */
    private static final int[] UNBOUND = {};

    /** Before the first byte, after a space that is not written. */
    private static final int[] AFTER_SPACE = {};

    /**
     * The lengths that a span may have, in code points.
     *
     * @param least at least 1
     */
    record Limits(int least, int most) {

        boolean fits(SpanSource source) {
            return source.hasSpan(least, most);
        }
    }

    private final Limits limits;
    private final int[] positions;
    private final int written;

    private SpanTerm(Limits limits, int[] positions, int written) {
        this.limits = limits;
        this.positions = positions;
        this.written = written;
    }

    /** A whole string, with both quotes. Only for sources that have a span of these limits. */
    static Term of(Limits limits) {
        return SequenceTerm.of(DfaTerm.literal("\""), new SpanTerm(limits, UNBOUND, 0));
    }

    private boolean unbound() {
        return positions.length == 0;
    }

    @Override
    boolean nullable() {
        return false;
    }

    @Override
    Term derive(int value, SpanSource source) {
        // Where the span cannot end, a quote is the second byte of an escaped quote of the source.
        if (value == '"' && canEnd(source)) {
            return EndTerm.END;
        }
        int[] next =
                unbound()
                        ? source.afterStarts(value, limits.least, limits.most)
                        : source.advance(positions, value, written, limits.least, limits.most);
        if (next.length == 0) {
            return null;
        }
        return new SpanTerm(limits, next, source.insideCharacter(next[0]) ? written : written + 1);
    }

    private boolean canEnd(SpanSource source) {
        for (int position : positions) {
            if (source.endsAt(position, written, limits.least)) {
                return true;
            }
        }
        return false;
    }

    @Override
    Term afterUnwrittenSpace() {
        return positions == UNBOUND ? new SpanTerm(limits, AFTER_SPACE, 0) : null;
    }

    @Override
    void addFirst(ByteSet bytes, SpanSource source) {
        for (int value = 0; value < 0x100; value++) {
            if (derive(value, source) != null) {
                bytes.add(value);
            }
        }
    }

    @Override
    boolean readsSource() {
        return true;
    }

    @Override
    long shortestLength(SpanSource source) {
        int position = nearest(source);
        return source.bytesToEnd(position, written, limits.least) + 1L;
    }

    @Override
    void appendShortest(ByteArrayOutputStream out, SpanSource source) {
        int position = nearest(source);
        int length = source.bytesToEnd(position, written, limits.least);
        for (int i = 0; i < length; i++) {
            out.write(source.byteAt(position + i));
        }
        out.write('"');
    }

    private int nearest(SpanSource source) {
        int best = -1;
        int bestLength = Integer.MAX_VALUE;
        int[] candidates = unbound() ? source.starts(limits.least, limits.most) : positions;
        for (int position : candidates) {
            int length = source.bytesToEnd(position, written, limits.least);
            if (length < bestLength) {
                best = position;
                bestLength = length;
            }
        }
        return best;
    }

    @Override
    Term withoutFarLimits(TokenReach reach) {
        return this;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SpanTerm term
                && limits.equals(term.limits)
                && written == term.written
                && (positions == AFTER_SPACE) == (term.positions == AFTER_SPACE)
                && Arrays.equals(positions, term.positions);
    }

    @Override
    public int hashCode() {
        return (limits.hashCode() * 31 + written) * 31 + Arrays.hashCode(positions);
    }
}
