package io.headrace.inference.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the regular expressions of JSON Schema's {@code pattern}: the part of ECMA-262 that is
 * regular and reads the same in other dialects.
 *
 * <p>Supported: characters and escapes, {@code .}, classes with ranges and negation, {@code \d \w
 * \s} and their negations, groups, {@code |}, {@code * + ? {n} {n,} {n,m}} (lazy forms mean the
 * same), and {@code ^} and {@code $} at the ends of the expression or of its top alternatives. An
 * expression without anchors may match anywhere in the value, as the specification says. Where
 * dialects differ about a set ({@code \s}, {@code .}) only what all of them accept is used.
 */
final class RegexParser {

    private static final int MAX_REPEAT = 10_000;

    private static final CodePointSet DIGIT = CodePointSet.range('0', '9');
    private static final CodePointSet WORD =
            DIGIT.union(CodePointSet.range('a', 'z'))
                    .union(CodePointSet.range('A', 'Z'))
                    .union(CodePointSet.of("_"));
    private static final CodePointSet SPACE = CodePointSet.of(" \t\n\f\r\u000B");

    /** Everything that some dialect takes for white space. */
    private static final CodePointSet WIDE_SPACE =
            SPACE.union(CodePointSet.of("\u0085\u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF"))
                    .union(CodePointSet.range(0x2000, 0x200A));

    private static final CodePointSet LINE_END = CodePointSet.of("\n\r\u0085\u2028\u2029");
    private static final Regex ANYTHING = new Regex.Repeat(symbol(CodePointSet.ALL), 0, -1);

    /** What all dialects take for a member, and what any of them does. */
    private record Members(CodePointSet sure, CodePointSet possible) {
        static Members exactly(CodePointSet set) {
            return new Members(set, set);
        }

        Members negated() {
            return new Members(possible.complement(), sure.complement());
        }

        Members union(Members other) {
            return new Members(sure.union(other.sure), possible.union(other.possible));
        }
    }

    private final int[] points;
    private int at;

    private RegexParser(String expression) {
        this.points = expression.codePoints().toArray();
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException when the expression is malformed or not supported
     */
    static Regex parse(String expression) {
        RegexParser parser = new RegexParser(expression);
        List<Regex> options = new ArrayList<>();
        do {
            options.add(parser.topAlternative());
        } while (parser.take('|'));
        if (parser.at < parser.points.length) {
            throw parser.problem("an unexpected \")\"");
        }
        return new Regex.Choice(options);
    }

    private Regex topAlternative() {
        boolean fromStart = take('^');
        List<Regex> parts = new ArrayList<>();
        if (!fromStart) {
            parts.add(ANYTHING);
        }
        parts.add(sequence());
        if (!take('$')) {
            parts.add(ANYTHING);
        } else if (at < points.length && points[at] != '|') {
            throw problem("\"$\" before the end of the expression");
        }
        return new Regex.Sequence(parts);
    }

    private Regex alternatives() {
        List<Regex> options = new ArrayList<>();
        do {
            options.add(sequence());
        } while (take('|'));
        return options.size() == 1 ? options.get(0) : new Regex.Choice(options);
    }

    private Regex sequence() {
        List<Regex> parts = new ArrayList<>();
        while (at < points.length && "|)$".indexOf(points[at]) < 0) {
            parts.add(repeated(atom()));
        }
        return new Regex.Sequence(parts);
    }

    private Regex atom() {
        int point = points[at++];
        switch (point) {
            case '(' -> {
                return group();
            }
            case '[' -> {
                return symbol(characterClass().sure);
            }
            case '.' -> {
                return symbol(LINE_END.complement());
            }
            case '\\' -> {
                return symbol(escape().sure);
            }
            case '^' -> throw problem("\"^\" after the start of the expression");
            case '*', '+', '?', '{' -> throw problem("a repetition of nothing");
            case ']', '}' -> throw problem("an unescaped \"" + Character.toString(point) + "\"");
            default -> {
                return symbol(CodePointSet.range(point, point));
            }
        }
    }

    private Regex group() {
        if (take('?') && !take(':')) {
            throw problem("a group that begins with \"(?\" and is not \"(?:\"");
        }
        Regex inner = alternatives();
        if (!take(')')) {
            throw problem(
                    at < points.length ? "\"$\" inside a group" : "a group without its \")\"");
        }
        return inner;
    }

    private Regex repeated(Regex part) {
        int least;
        int most;
        if (take('*')) {
            least = 0;
            most = -1;
        } else if (take('+')) {
            least = 1;
            most = -1;
        } else if (take('?')) {
            least = 0;
            most = 1;
        } else if (take('{')) {
            least = number();
            most = least;
            if (take(',')) {
                most = at < points.length && points[at] == '}' ? -1 : number();
            }
            if (!take('}') || (most >= 0 && most < least)) {
                throw problem("a malformed {n,m}");
            }
        } else {
            return part;
        }
        take('?');
        if (at < points.length && "*+{".indexOf(points[at]) >= 0) {
            throw problem("a repetition of a repetition");
        }
        return new Regex.Repeat(part, least, most);
    }

    private int number() {
        int value = 0;
        int begin = at;
        while (at < points.length && points[at] >= '0' && points[at] <= '9') {
            value = value * 10 + points[at++] - '0';
            if (value > MAX_REPEAT) {
                throw problem("a repetition of more than " + MAX_REPEAT);
            }
        }
        if (at == begin) {
            throw problem("a malformed {n,m}");
        }
        return value;
    }

    private Members characterClass() {
        boolean negated = take('^');
        Members members = Members.exactly(CodePointSet.NONE);
        while (!take(']')) {
            Members low = classMember();
            if (at + 1 < points.length && points[at] == '-' && points[at + 1] != ']') {
                at++;
                members = members.union(range(low, classMember()));
            } else {
                members = members.union(low);
            }
        }
        return negated ? members.negated() : members;
    }

    private Members range(Members low, Members high) {
        int from = single(low);
        int to = single(high);
        if (from > to) {
            throw problem("a range in descending order");
        }
        return Members.exactly(CodePointSet.range(from, to));
    }

    private int single(Members members) {
        List<CodePointSet.Range> ranges = members.possible.ranges();
        if (ranges.size() != 1 || ranges.get(0).low() != ranges.get(0).high()) {
            throw problem("a range between sets");
        }
        return ranges.get(0).low();
    }

    private Members classMember() {
        if (at >= points.length) {
            throw problem("a class without its \"]\"");
        }
        int point = points[at++];
        if (point == '[' || (point == '&' && at < points.length && points[at] == '&')) {
            throw problem("an unescaped \"" + Character.toString(point) + "\" in a class");
        }
        return point == '\\' ? escape() : Members.exactly(CodePointSet.range(point, point));
    }

    private Members escape() {
        if (at >= points.length) {
            throw problem("a backslash at the end");
        }
        int point = points[at++];
        return switch (point) {
            case 'd' -> Members.exactly(DIGIT);
            case 'D' -> Members.exactly(DIGIT).negated();
            case 'w' -> Members.exactly(WORD);
            case 'W' -> Members.exactly(WORD).negated();
            case 's' -> new Members(SPACE, WIDE_SPACE);
            case 'S' -> new Members(SPACE, WIDE_SPACE).negated();
            case 'n' -> Members.exactly(CodePointSet.of("\n"));
            case 'r' -> Members.exactly(CodePointSet.of("\r"));
            case 't' -> Members.exactly(CodePointSet.of("\t"));
            case 'f' -> Members.exactly(CodePointSet.of("\f"));
            case 'x' -> hexadecimal(2);
            case 'u' -> hexadecimal(4);
            default -> {
                if (Character.isLetterOrDigit(point)) {
                    throw problem("the escape \"\\" + Character.toString(point) + "\"");
                }
                yield Members.exactly(CodePointSet.range(point, point));
            }
        };
    }

    private Members hexadecimal(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < points.length ? Character.digit(points[at++], 16) : -1;
            if (digit < 0) {
                throw problem("an escape without its " + digits + " hexadecimal digits");
            }
            value = value * 16 + digit;
        }
        return Members.exactly(CodePointSet.range(value, value));
    }

    private boolean take(int point) {
        if (at < points.length && points[at] == point) {
            at++;
            return true;
        }
        return false;
    }

    private static Regex symbol(CodePointSet set) {
        return new Regex.Symbol(set);
    }

    private IllegalArgumentException problem(String what) {
        return new IllegalArgumentException(
                what + " near character " + Math.min(at, points.length));
    }
}
