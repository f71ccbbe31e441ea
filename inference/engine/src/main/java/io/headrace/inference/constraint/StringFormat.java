package io.headrace.inference.constraint;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The values of {@code format}, each compiled once. Each holds only values that every careful
 * reader takes: dates that exist (leap years included, no year 0), offsets that are in use, e-mail
 * addresses without quotes or comments.
 */
final class StringFormat {

    private static final String YEAR = "(000[1-9]|00[1-9]\\d|0[1-9]\\d{2}|[1-9]\\d{3})";
    private static final String LEAP_YEAR =
            "(\\d{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)";
    private static final String DATE =
            "("
                    + YEAR
                    + "-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])"
                    + "|(0[469]|11)-(0[1-9]|[12]\\d|30)"
                    + "|02-(0[1-9]|1\\d|2[0-8]))|"
                    + LEAP_YEAR
                    + "-02-29)";
    private static final String TIME =
            "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,6})?"
                    + "(Z|\\+(0\\d|1[0-3]):[0-5]\\d|\\+14:00|-(0[1-9]|1[01]):[0-5]\\d|-12:00)";
    private static final String HEX = "[0-9a-fA-F]";
    private static final String UUID =
            HEX + "{8}-" + HEX + "{4}-" + HEX + "{4}-" + HEX + "{4}-" + HEX + "{12}";
    private static final String ATOM = "[A-Za-z0-9_%+-]+";
    private static final String LABEL = "[A-Za-z0-9]+(-+[A-Za-z0-9]+)*";
    private static final String EMAIL = ATOM + "(\\." + ATOM + ")*@(" + LABEL + "\\.)+[A-Za-z]{2,}";

    /**
     * At most 64 characters before the at sign, as RFC 5321 says, and 63 after it, which keeps each
     * label within the limit of RFC 1035.
     */
    private static final String EMAIL_LENGTHS = "[^@]{1,64}@[^@]{1,63}";

    private static final List<StringFormat> ALL =
            List.of(
                    new StringFormat("date", DATE),
                    new StringFormat("date-time", DATE + "T" + TIME),
                    new StringFormat("email", EMAIL, EMAIL_LENGTHS),
                    new StringFormat("time", TIME),
                    new StringFormat("uuid", UUID));

    private final String keyword;
    private final Dfa dfa;

    private StringFormat(String keyword, String... expressions) {
        this.keyword = keyword;
        this.dfa =
                Arrays.stream(expressions)
                        .map(expression -> RegexParser.parse("^(" + expression + ")$"))
                        .map(RegexCompiler::compile)
                        .reduce(Dfa::intersect)
                        .orElseThrow();
    }

    /** Null for an unknown format. */
    static StringFormat of(String keyword) {
        return ALL.stream()
                .filter(format -> format.keyword.equals(keyword))
                .findFirst()
                .orElse(null);
    }

    /** The names of all formats. */
    static String names() {
        return ALL.stream().map(format -> format.keyword).collect(Collectors.joining(", "));
    }

    Dfa dfa() {
        return dfa;
    }
}
