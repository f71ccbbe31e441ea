package io.headrace.inference.constraint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of symbols (Unicode code points, or bytes) as sorted ranges that neither overlap nor touch.
 */
record CodePointSet(List<Range> ranges) {

    static final CodePointSet ALL = range(0, Character.MAX_CODE_POINT);
    static final CodePointSet NONE = new CodePointSet(List.of());

    /** The symbols from {@code low} to {@code high}, both included. */
    record Range(int low, int high) {}

    CodePointSet {
        ranges = List.copyOf(ranges);
    }

    static CodePointSet range(int low, int high) {
        return new CodePointSet(List.of(new Range(low, high)));
    }

    static CodePointSet of(String characters) {
        return union(characters.codePoints().mapToObj(point -> range(point, point)).toList());
    }

    static CodePointSet union(List<CodePointSet> sets) {
        List<Range> sorted = new ArrayList<>();
        sets.forEach(set -> sorted.addAll(set.ranges));
        sorted.sort(Comparator.comparingInt(Range::low));
        List<Range> merged = new ArrayList<>();
        for (Range range : sorted) {
            Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && range.low <= last.high + 1) {
                merged.set(merged.size() - 1, new Range(last.low, Math.max(last.high, range.high)));
            } else {
                merged.add(range);
            }
        }
        return new CodePointSet(merged);
    }

    CodePointSet union(CodePointSet other) {
        return union(List.of(this, other));
    }

    CodePointSet complement() {
        List<Range> gaps = new ArrayList<>();
        int next = 0;
        for (Range range : ranges) {
            if (range.low > next) {
                gaps.add(new Range(next, range.low - 1));
            }
            next = range.high + 1;
        }
        if (next <= Character.MAX_CODE_POINT) {
            gaps.add(new Range(next, Character.MAX_CODE_POINT));
        }
        return new CodePointSet(gaps);
    }

    CodePointSet intersect(CodePointSet other) {
        return complement().union(other.complement()).complement();
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }
}
