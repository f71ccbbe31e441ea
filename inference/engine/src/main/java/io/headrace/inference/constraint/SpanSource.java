package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The text of a record, indexed for spans: its bytes as they stand inside a JSON string, and where
 * a span may begin and end. Immutable.
 *
 * <p>A position is an index into these bytes; a boundary is an index of a code point. A surrogate
 * without its partner cannot be written, and no span reaches over it.
 */
final class SpanSource {

    static final SpanSource NONE = new SpanSource("");

    /**
     * Stands for what UTF-8 cannot say; no span crosses it. Text never has it, since it is escaped.
     */
    private static final byte WALL = 0;

    private static final int NEVER = Integer.MAX_VALUE;

    private final int[] points;
    private final byte[] bytes;

    /** The boundary of each position; inside a code point, the boundary before it. */
    private final int[] boundaries;

    private final boolean[] inside;

    /** For each boundary the next one, itself included, where a span may end. */
    private final int[] nextEnd;

    /** For each boundary the first one after it that no span may cross. */
    private final int[] barrier;

    private final int[] starts;
    private final int[][] startsByByte = new int[256][];

    SpanSource(String text) {
        this.points = text.codePoints().toArray();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] offsets = new int[points.length + 1];
        for (int i = 0; i < points.length; i++) {
            offsets[i] = out.size();
            out.writeBytes(escaped(points[i]));
        }
        offsets[points.length] = out.size();
        this.bytes = out.toByteArray();
        this.boundaries = new int[bytes.length + 1];
        this.inside = new boolean[bytes.length + 1];
        boundaries[bytes.length] = points.length;
        for (int i = 0; i < points.length; i++) {
            for (int position = offsets[i]; position < offsets[i + 1]; position++) {
                boundaries[position] = i;
                inside[position] = position > offsets[i];
            }
        }
        this.nextEnd = new int[points.length + 1];
        this.barrier = new int[points.length + 1];
        this.starts = findBorders(offsets);
        groupStarts();
    }

    private int[] findBorders(int[] offsets) {
        int end = NEVER;
        int wall = points.length;
        List<Integer> found = new ArrayList<>();
        for (int i = points.length; i >= 0; i--) {
            if (i < points.length && !writable(points[i])) {
                wall = i;
                end = NEVER;
            } else if (WordBorders.startsAt(points, i)) {
                found.add(offsets[i]);
            }
            end = WordBorders.endsAt(points, i) && writable(points[i - 1]) ? i : end;
            nextEnd[i] = end;
            barrier[i] = wall;
        }
        return found.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    private void groupStarts() {
        int[] counts = new int[256];
        for (int start : starts) {
            counts[bytes[start] & 0xff]++;
        }
        for (int value = 0; value < 256; value++) {
            startsByByte[value] = new int[counts[value]];
        }
        for (int i = starts.length - 1; i >= 0; i--) {
            int value = bytes[starts[i]] & 0xff;
            startsByByte[value][--counts[value]] = starts[i];
        }
    }

    private static boolean writable(int point) {
        return point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE;
    }

    private static byte[] escaped(int point) {
        int escape = StringLanguage.ESCAPED.indexOf(point);
        if (escape >= 0) {
            return new byte[] {'\\', (byte) StringLanguage.ESCAPE_LETTERS.charAt(escape)};
        }
        if (point < 0x20) {
            return String.format("\\u%04x", point).getBytes(StandardCharsets.UTF_8);
        }
        return writable(point)
                ? Character.toString(point).getBytes(StandardCharsets.UTF_8)
                : new byte[] {WALL};
    }

    /** Whether the text has a span of {@code least} to {@code most} code points. */
    boolean hasSpan(int least, int most) {
        for (int start : starts) {
            if (reachesEnd(start, 0, least, most)) {
                return true;
            }
        }
        return false;
    }

    /** The positions after a start whose first byte is {@code value}. */
    int[] afterStarts(int value, int least, int most) {
        return advance(startsByByte[value], value, 0, least, most);
    }

    /**
     * Moves positions over a byte.
     *
     * @param written how many code points of the span are complete
     * @return the positions that it stands at and that can still reach an end
     */
    int[] advance(int[] positions, int value, int written, int least, int most) {
        if (value == WALL) {
            return new int[0];
        }
        int[] moved = new int[positions.length];
        int count = 0;
        for (int position : positions) {
            if (position < bytes.length && (bytes[position] & 0xff) == value) {
                int next = position + 1;
                if (reachesEnd(next, written + (inside[next] ? 0 : 1), least, most)) {
                    moved[count++] = next;
                }
            }
        }
        return count == moved.length ? moved : Arrays.copyOf(moved, count);
    }

    private boolean reachesEnd(int position, int written, int least, int most) {
        int end = endAfter(position, written, least);
        int boundary = boundaries[position];
        return end != NEVER && end - boundary + written <= most && end <= barrier[boundary];
    }

    /** The first boundary where a span that stands at a position may end. */
    private int endAfter(int position, int written, int least) {
        int start = boundaries[position] - written;
        int from = Math.max(start + Math.max(1, least), boundaries[position]);
        if (inside[position]) {
            from = Math.max(from, boundaries[position] + 1);
        }
        return from > points.length ? NEVER : nextEnd[from];
    }

    /** Whether a span that stands at a position, with {@code written} code points, may end here. */
    boolean endsAt(int position, int written, int least) {
        return !inside[position] && endAfter(position, written, least) == boundaries[position];
    }

    boolean insideCharacter(int position) {
        return inside[position];
    }

    /** The number of bytes from a position to the nearest end. */
    int bytesToEnd(int position, int written, int least) {
        int end = endAfter(position, written, least);
        int at = position;
        while (boundaries[at] < end || inside[at]) {
            at++;
        }
        return at - position;
    }

    int byteAt(int position) {
        return bytes[position] & 0xff;
    }

    int[] starts(int least, int most) {
        return Arrays.stream(starts).filter(start -> reachesEnd(start, 0, least, most)).toArray();
    }
}
