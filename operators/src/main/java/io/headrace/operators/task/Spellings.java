package io.headrace.operators.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;

/**
 * The ways in which a text may write a value, as patterns, the likeliest first: a string with other
 * spaces or case, a number with separators of thousands, a date with the name of its month in
 * English.
 */
final class Spellings {

    private static final String WORD = "[\\p{L}\\p{N}]";
    private static final String BEFORE_WORD = "(?<!" + WORD + ")";
    private static final String AFTER_WORD = "(?!" + WORD + ")";

    private static final String THOUSANDS = "[,.'\u2019 \u00a0\u202f]?";
    private static final String BEFORE_NUMBER = "(?<!" + WORD + "|\\d[.,'\u2019])";
    private static final String AFTER_NUMBER = "(?!\\d|[.,'\u2019]\\d)";

    private static final String SPACE = "[\\s\\p{Z}]+";
    private static final Pattern SPACES = Pattern.compile(SPACE);
    private static final Pattern UNDERSCORES = Pattern.compile("_+");

    private static final int CENTURY = 100;
    private static final int NOON = 12;

    private Spellings() {}

    /**
     * The spellings of a JSON value.
     *
     * @param value neither null nor an object or array
     * @param type what it is read as; a value that it does not fit has no spelling
     */
    static List<Pattern> of(JsonNode value, Schema type) {
        LogicalType logical = type.getLogicalType();
        String name = logical == null ? "" : logical.getName();
        try {
            return switch (name) {
                case "date" -> words(dates(LocalDate.parse(value.asText())));
                case "time-millis", "time-micros" ->
                        words(Stream.of(time(LocalTime.parse(value.asText()))));
                case "timestamp-millis", "timestamp-micros" ->
                        words(moments(value.asText(), OffsetDateTime.parse(value.asText())));
                case "decimal" -> number(new BigDecimal(value.asText()));
                default -> plain(value, type);
            };
        } catch (DateTimeException | NumberFormatException e) {
            return List.of();
        }
    }

    private static List<Pattern> plain(JsonNode value, Schema type) {
        return switch (type.getType()) {
            case STRING -> value.isTextual() ? string(value.textValue()) : List.of();
            case ENUM ->
                    words(Stream.of(spaced(UNDERSCORES.splitAsStream(value.asText()), "[\\s_-]+")));
            case INT, LONG, FLOAT, DOUBLE ->
                    value.isNumber() ? number(value.decimalValue()) : List.of();
            default -> List.of(); // Yes and no are not copied.
        };
    }

    /** As it is, in other case, and inside words, as in scripts that write no spaces. */
    private static List<Pattern> string(String value) {
        String spaced = spaced(SPACES.splitAsStream(value), SPACE);
        if (spaced.isEmpty()) {
            return List.of();
        }
        String bordered = BEFORE_WORD + spaced + AFTER_WORD;
        return List.of(Pattern.compile(bordered), insensitive(bordered), Pattern.compile(spaced));
    }

    private static String spaced(Stream<String> words, String space) {
        return words.filter(word -> !word.isEmpty())
                .map(Pattern::quote)
                .collect(Collectors.joining(space));
    }

    private static List<Pattern> words(Stream<String> spellings) {
        return spellings
                .map(spelling -> insensitive(BEFORE_WORD + "(?:" + spelling + ")" + AFTER_WORD))
                .toList();
    }

    private static Pattern insensitive(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    private static List<Pattern> number(BigDecimal value) {
        String digits = value.abs().stripTrailingZeros().toPlainString();
        int point = digits.indexOf('.');
        String whole =
                (point < 0 ? digits : digits.substring(0, point))
                        .replaceAll("(?<=\\d)(?=(?:\\d{3})+$)", THOUSANDS);
        String fraction = point < 0 ? "(?:[.,]0+)?" : "[.,]" + digits.substring(point + 1) + "0*";
        String sign = value.signum() < 0 ? "[-\u2212] ?" : "";
        return List.of(Pattern.compile(BEFORE_NUMBER + sign + whole + fraction + AFTER_NUMBER));
    }

    private static Stream<String> dates(LocalDate date) {
        String day = "0?" + date.getDayOfMonth();
        String month = "0?" + date.getMonthValue();
        String year = Integer.toString(date.getYear());
        String shortYear = "(?:" + year + "|'?" + twoDigits(date.getYear() % CENTURY) + ")";
        String ordinal = day + "(?:st|nd|rd|th|\\.)?";
        String named = nameOf(date);
        String separator = "[-/.]";
        return Stream.of(
                year + separator + month + separator + day,
                day + separator + month + separator + shortYear,
                month + separator + day + separator + shortYear,
                ordinal + "[\\s-]+(?:of\\s+)?" + named + "[,\\s-]+" + shortYear,
                named + "\\s+" + ordinal + ",?\\s+" + year,
                ordinal + "\\s+(?:of\\s+)?" + named,
                named + "\\s+" + ordinal);
    }

    private static String nameOf(LocalDate date) {
        String full = date.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
        String brief = full.substring(0, Math.min(full.length(), 3));
        return "(?:" + full + "|" + brief + "t?\\.?)"; // September is also Sept.
    }

    private static Stream<String> moments(String written, OffsetDateTime moment) {
        String time = time(moment.toLocalTime());
        String zone = "(?:\\s?(?:Z|UTC|[+-]\\d\\d:?\\d\\d))?";
        return Stream.concat(
                Stream.of(Pattern.quote(written)),
                dates(moment.toLocalDate())
                        .map(date -> date + "(?:T|,?\\s+(?:at\\s+)?)" + time + zone));
    }

    /** With 24 or 12 hours; minutes and seconds may be left out where they are nought. */
    private static String time(LocalTime time) {
        String minutes = "[:.]" + twoDigits(time.getMinute());
        String seconds =
                ":" + twoDigits(time.getSecond()) + (time.getNano() == 0 ? "" : "(?:[.,]\\d+)?");
        String end = time.getSecond() == 0 ? "(?:" + seconds + ")?" : seconds;
        boolean full = time.getMinute() == 0 && time.getSecond() == 0;
        int hour = time.getHour() % NOON == 0 ? NOON : time.getHour() % NOON;
        String of24 = "0?" + time.getHour() + minutes + end;
        String of12 = "0?" + hour + (full ? "(?:" + minutes + ")?" : minutes + end);
        String half = time.getHour() < NOON ? "a" : "p";
        return "(?:" + of12 + "\\s?" + half + "\\.?m|" + of24 + ")";
    }

    private static String twoDigits(int number) {
        return String.format(Locale.ROOT, "%02d", number);
    }
}
