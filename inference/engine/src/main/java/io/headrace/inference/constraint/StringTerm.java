package io.headrace.inference.constraint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What follows the opening quote of a string: characters, raw or escaped, and the closing quote.
 * Only valid UTF-8 is let through, byte by byte.
 */
final class StringTerm extends Term {

    /** Where the bytes of a character stand. */
    private enum Place {
        /** Between two characters. */
        BETWEEN,
        /** After a backslash. */
        ESCAPE,
        /** Inside a character of which the code points {@code low} to {@code high} are left. */
        OPEN,
        /** Inside a character that is counted already: any continuation leads to the same state. */
        DECIDED
    }

    private final StringLanguage language;
    private final int state;
    private final int least;
    private final int most;
    private final Place place;
    private final int missing;
    private final int low;
    private final int high;

    private StringTerm(
            StringLanguage language,
            int state,
            int least,
            int most,
            Place place,
            int missing,
            int low,
            int high) {
        this.language = language;
        this.state = state;
        this.least = least;
        this.most = most;
        this.place = place;
        this.missing = missing;
        this.low = low;
        this.high = high;
    }

    /** A whole string, with both quotes. */
    static Term of(StringLanguage language) {
        Term body = between(language, 0, language.least(), language.most());
        return SequenceTerm.of(DfaTerm.literal("\""), body);
    }

    /** The inside of a string without limits. */
    static Term anyBody() {
        return between(StringLanguage.of(List.of(), 0, 1), 0, 0, UNLIMITED);
    }

    private static StringTerm between(StringLanguage language, int state, int least, int most) {
        return new StringTerm(language, state, least, most, Place.BETWEEN, 0, 0, 0);
    }

    @Override
    boolean nullable() {
        return false;
    }

    @Override
    Term derive(int value, SpanSource source) {
        return switch (place) {
            case BETWEEN -> begin(value);
            case ESCAPE -> {
                int letter = value < 0x80 ? StringLanguage.ESCAPE_LETTERS.indexOf(value) : -1;
                yield letter < 0 ? null : character(StringLanguage.ESCAPED.charAt(letter));
            }
            case OPEN -> narrow(value);
            case DECIDED -> {
                if ((value & 0xC0) != 0x80) {
                    yield null;
                }
                yield missing == 1 ? between(language, state, least, most) : decided(missing - 1);
            }
        };
    }

    private Term begin(int value) {
        if (value == '"') {
            return least == 0 && language.dfa().accepting(state) ? EndTerm.END : null;
        }
        if (value == '\\') {
            return escapeAllowed()
                    ? new StringTerm(language, state, least, most, Place.ESCAPE, 0, 0, 0)
                    : null;
        }
        if (value < 0x80) {
            return value < 0x20 ? null : character(value);
        }
        return switch (value >> 4) {
            case 0xC, 0xD ->
                    value < 0xC2
                            ? null
                            : open((value & 0x1F) << 6, ((value & 0x1F) << 6) | 0x3F, 1);
            case 0xE ->
                    lead(Math.max(0x800, (value & 0xF) << 12), ((value & 0xF) << 12) | 0xFFF, 2);
            case 0xF ->
                    value > 0xF4
                            ? null
                            : lead(
                                    Math.max(0x10000, (value & 7) << 18),
                                    Math.min(0x10FFFF, ((value & 7) << 18) | 0x3FFFF),
                                    3);
            default -> null;
        };
    }

    private Term lead(int first, int last, int bytes) {
        // 0xED leads to U+D000..U+D7FF and to the surrogates, which are not characters.
        return open(first, first == 0xD000 ? 0xD7FF : last, bytes);
    }

    private Term narrow(int value) {
        if ((value & 0xC0) != 0x80) {
            return null;
        }
        int shift = 6 * (missing - 1);
        int block = (low >> (shift + 6)) << (shift + 6);
        int first = block + ((value & 0x3F) << shift);
        int last = first + (1 << shift) - 1;
        if (first < low || last > high) {
            return null;
        }
        return missing == 1 ? character(first) : open(first, last, missing - 1);
    }

    /** A character of which the first bytes are read. */
    private Term open(int first, int last, int missingBytes) {
        int only = -1;
        boolean any = false;
        boolean all = true;
        int covered = first;
        Dfa.Steps steps = language.dfa().steps(state);
        for (int i = 0; i < steps.count(); i++) {
            int from = Math.max(first, steps.low(i));
            int to = Math.min(last, steps.high(i));
            if (from > to || !alive(steps.target(i))) {
                continue;
            }
            all &= from == covered && (only < 0 || only == steps.target(i));
            covered = to + 1;
            only = steps.target(i);
            any = true;
        }
        if (!any) {
            return null;
        }
        boolean decided = all && covered > last && last - first + 1 == 1 << (6 * missingBytes);
        return decided
                ? new StringTerm(
                        language,
                        only,
                        decrement(least),
                        decrement(most),
                        Place.DECIDED,
                        missingBytes,
                        0,
                        0)
                : new StringTerm(
                        language, state, least, most, Place.OPEN, missingBytes, first, last);
    }

    private Term decided(int missingBytes) {
        return new StringTerm(language, state, least, most, Place.DECIDED, missingBytes, 0, 0);
    }

    private Term character(int point) {
        int target = language.dfa().next(state, point);
        return target >= 0 && alive(target)
                ? between(language, target, decrement(least), decrement(most))
                : null;
    }

    /** Whether the string can still end after one more character that leads to a state. */
    private boolean alive(int target) {
        return most > 0 && language.canFinish(target, decrement(least), decrement(most));
    }

    private boolean escapeAllowed() {
        for (int i = 0; i < StringLanguage.ESCAPED.length(); i++) {
            if (character(StringLanguage.ESCAPED.charAt(i)) != null) {
                return true;
            }
        }
        return false;
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
        return false;
    }

    @Override
    int freeCharacters() {
        return place == Place.BETWEEN && language.any() ? most : -1;
    }

    @Override
    long shortestLength(SpanSource source) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        appendShortest(out, source);
        return out.size();
    }

    @Override
    void appendShortest(ByteArrayOutputStream out, SpanSource source) {
        if (place == Place.BETWEEN) {
            int at = state;
            for (int left = language.shortest(state, least); left > 0; left--) {
                at = appendCharacter(out, at, left);
            }
            out.write('"');
            return;
        }
        ByteSet first = new ByteSet();
        addFirst(first, source);
        out.write(first.first());
        derive(first.first(), source).appendShortest(out, source);
    }

    private int appendCharacter(ByteArrayOutputStream out, int at, int left) {
        Dfa.Steps steps = language.dfa().steps(at);
        int step = -1;
        for (int i = 0; i < steps.count(); i++) {
            boolean plain = steps.high(i) >= 'a' && steps.low(i) <= 'z';
            if (language.canFinishIn(steps.target(i), left - 1) && (step < 0 || plain)) {
                step = i;
                if (plain) {
                    break;
                }
            }
        }
        int point = Math.max(steps.low(step), Math.min('a', steps.high(step)));
        int escaped = StringLanguage.ESCAPED.indexOf(point);
        String text =
                escaped >= 0
                        ? "\\" + StringLanguage.ESCAPE_LETTERS.charAt(escaped)
                        : Character.toString(point);
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return steps.target(step);
    }

    @Override
    Term withoutFarLimits(TokenReach reach) {
        int farLeast = language.farLeast(least, reach);
        int farMost = language.farMost(least, most, reach);
        return farLeast == least && farMost == most
                ? this
                : new StringTerm(language, state, farLeast, farMost, place, missing, low, high);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof StringTerm term
                        && language == term.language
                        && state == term.state
                        && least == term.least
                        && most == term.most
                        && place == term.place
                        && missing == term.missing
                        && low == term.low
                        && high == term.high);
    }

    @Override
    public int hashCode() {
        int hash = System.identityHashCode(language) * 31 + state;
        hash = (hash * 31 + least) * 31 + most;
        return ((hash * 31 + place.hashCode()) * 31 + missing) * 31 + low;
    }
}
