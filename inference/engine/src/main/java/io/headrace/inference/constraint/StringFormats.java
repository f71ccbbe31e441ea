package io.headrace.inference.constraint;

import java.util.List;
import java.util.Map;

/**
 * The values of {@code format} as regular expressions. Each holds only values that every careful
 * reader takes: dates that exist (leap years included, no year 0), offsets that are in use, e-mail
 * addresses without quotes or comments.
 */
final class StringFormats {

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

    private static final Map<String, List<String>> EXPRESSIONS =
            Map.of(
                    "date", List.of(DATE),
                    "time", List.of(TIME),
                    "date-time", List.of(DATE + "T" + TIME),
                    "uuid", List.of(UUID),
                    "email", List.of(EMAIL, EMAIL_LENGTHS));

    private StringFormats() {}

    /** The names that {@link #expressions} knows. */
    static String names() {
        return "date, date-time, email, time, uuid";
    }

    /** The expressions that a value must all match; null for an unknown format. */
    static List<Regex> expressions(String format) {
        List<String> expressions = EXPRESSIONS.get(format);
        return expressions == null
                ? null
                : expressions.stream()
                        .map(expression -> RegexParser.parse("^(" + expression + ")$"))
                        .toList();
    }
}
