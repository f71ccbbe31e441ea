package io.headrace.inference.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The decimal literals of a range, as an automaton: an optional minus sign, digits without leading
 * zeros, and up to a number of digits after the point. There is no exponent and no negative zero.
 *
 * <p>The literal is compared with both bounds digit by digit while it is read. Its number of digits
 * before the point is guessed at the start (a nondeterministic choice), which lines its digits up
 * with those of the bounds.
 *
 * @param low the least value, itself allowed if {@code lowIncluded}
 * @param high the greatest value, itself allowed if {@code highIncluded}
 * @param fractionDigits the most digits after the point; 0 gives integers
 */
record DecimalLanguage(
        BigDecimal low,
        boolean lowIncluded,
        BigDecimal high,
        boolean highIncluded,
        int fractionDigits) {

    private static final CodePointSet MINUS = CodePointSet.of("-");
    private static final CodePointSet POINT = CodePointSet.of(".");

    /** Where the reading of a literal stands. */
    private sealed interface Place {}

    private record Start() implements Place {}

    /**
     * Inside a literal.
     *
     * @param range the range of the absolute value, or null when there are none with this sign
     * @param integerDigits how many digits stand before the point
     * @param read how many digits were read
     * @param point whether the point was read
     * @param atLow whether the digits so far equal those of the lower bound
     * @param atHigh whether the digits so far equal those of the upper bound
     */
    private record Reading(
            Magnitudes range,
            int integerDigits,
            int read,
            boolean point,
            boolean atLow,
            boolean atHigh)
            implements Place {}

    /** A range of absolute values. Compared by identity: one automaton has at most two. */
    private static final class Magnitudes {
        private final Bound low;
        private final boolean lowIncluded;
        private final Bound high;
        private final boolean highIncluded;

        Magnitudes(BigDecimal low, boolean lowIncluded, BigDecimal high, boolean highIncluded) {
            this.low = new Bound(low);
            this.lowIncluded = lowIncluded;
            this.high = new Bound(high);
            this.highIncluded = highIncluded;
        }
    }

    /** The digits of an absolute value. Positions count from the first digit before the point. */
    private static final class Bound {
        private final String digits;
        private final int integerDigits;

        /** The number of digits without zeros at the end. */
        private final int significant;

        Bound(BigDecimal value) {
            String text = value.toPlainString();
            int point = text.indexOf('.');
            this.integerDigits = point < 0 ? text.length() : point;
            this.digits = text.replace(".", "");
            int last = digits.length();
            while (last > 0 && digits.charAt(last - 1) == '0') {
                last--;
            }
            this.significant = last;
        }

        int digit(int position) {
            return position < digits.length() ? digits.charAt(position) - '0' : 0;
        }

        /** Whether no digits but zeros follow from a position on. */
        boolean endsBefore(int position) {
            return significant <= position;
        }
    }

    /** The automaton of the literals; null when there is none. */
    Dfa compile() {
        return Dfa.determinize(Set.of(new Start()), this::edges, this::accepts);
    }

    private List<Dfa.Edge<Place>> edges(Place place) {
        List<Dfa.Edge<Place>> edges = new ArrayList<>();
        if (place instanceof Reading reading) {
            addDigits(reading, edges);
            if (reading.read == reading.integerDigits && !reading.point && fractionDigits > 0) {
                edges.add(
                        new Dfa.Edge<>(
                                POINT,
                                new Reading(
                                        reading.range,
                                        reading.integerDigits,
                                        reading.read,
                                        true,
                                        reading.atLow,
                                        reading.atHigh)));
            }
            return edges;
        }
        for (Reading begin : begin(notNegative())) {
            addDigits(begin, edges);
        }
        for (Reading begin : begin(negative())) {
            edges.add(new Dfa.Edge<>(MINUS, begin));
        }
        return edges;
    }

    private Magnitudes notNegative() {
        if (high.signum() < 0) {
            return null;
        }
        return low.signum() < 0
                ? new Magnitudes(BigDecimal.ZERO, true, high, highIncluded)
                : new Magnitudes(low, lowIncluded, high, highIncluded);
    }

    private Magnitudes negative() {
        if (low.signum() >= 0) {
            return null;
        }
        return high.signum() >= 0
                ? new Magnitudes(BigDecimal.ZERO, false, low.negate(), lowIncluded)
                : new Magnitudes(high.negate(), highIncluded, low.negate(), lowIncluded);
    }

    private static List<Reading> begin(Magnitudes range) {
        List<Reading> begins = new ArrayList<>();
        if (range == null) {
            return begins;
        }
        int least = range.low.integerDigits;
        int most = range.high.integerDigits;
        for (int digits = least; digits <= most; digits++) {
            begins.add(new Reading(range, digits, 0, false, digits == least, digits == most));
        }
        return begins;
    }

    private void addDigits(Reading at, List<Dfa.Edge<Place>> edges) {
        boolean inFraction = at.read >= at.integerDigits;
        if (inFraction && (!at.point || at.read >= at.integerDigits + fractionDigits)) {
            return;
        }
        Magnitudes range = at.range;
        int from = at.read == 0 && at.integerDigits > 1 ? 1 : 0;
        int lowDigit = at.atLow ? range.low.digit(at.read) : -1;
        int highDigit = at.atHigh ? range.high.digit(at.read) : 10;
        for (int digit = Math.max(from, lowDigit); digit <= Math.min(9, highDigit); digit++) {
            edges.add(
                    new Dfa.Edge<>(
                            CodePointSet.range('0' + digit, '0' + digit),
                            new Reading(
                                    range,
                                    at.integerDigits,
                                    at.read + 1,
                                    at.point,
                                    digit == lowDigit,
                                    digit == highDigit)));
        }
    }

    private boolean accepts(Place place) {
        if (!(place instanceof Reading at)
                || at.read < at.integerDigits
                || (at.point && at.read == at.integerDigits)) {
            return false;
        }
        boolean aboveLow = !at.atLow || (at.range.lowIncluded && at.range.low.endsBefore(at.read));
        boolean belowHigh =
                !at.atHigh || at.range.highIncluded || !at.range.high.endsBefore(at.read);
        return aboveLow && belowHigh;
    }
}
