package io.headrace.inference.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Terms for strings and numbers. Equal languages of one schema are built once. */
final class ScalarSchemas {

    static final Set<String> STRING_KEYWORDS =
            Set.of("minLength", "maxLength", "pattern", "format", SchemaNode.SPAN_KEYWORD);

    static final Set<String> NUMBER_KEYWORDS =
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");

    private static final int MAX_LENGTH = 1_000_000;

    /** What a string language is known by. */
    private record StringKey(String pattern, String format, int least, int most) {}

    private final ConstraintOptions options;
    private final Map<StringKey, StringLanguage> knownStrings = new HashMap<>();
    private final Map<DecimalLanguage, Dfa> knownNumbers = new HashMap<>();

    ScalarSchemas(ConstraintOptions options) {
        this.options = options;
    }

    /** The strings of a schema without {@link SchemaNode#SPAN_KEYWORD}. */
    StringLanguage strings(SchemaNode schema) {
        int least = least(schema);
        StringKey key =
                new StringKey(
                        schema.has("pattern") ? schema.text("pattern") : "",
                        schema.has("format") ? schema.text("format") : "",
                        least,
                        most(schema, least));
        StringLanguage language = knownStrings.get(key);
        if (language == null) {
            language = build(schema, key);
            knownStrings.put(key, language);
        }
        return language;
    }

    private static StringLanguage build(SchemaNode schema, StringKey key) {
        List<Dfa> parts = new ArrayList<>();
        if (!key.format.isEmpty()) {
            StringFormat format = StringFormat.of(key.format);
            if (format == null) {
                throw schema.unsupported(
                        "format",
                        "the format \""
                                + key.format
                                + "\" is not supported; supported are "
                                + StringFormat.names());
            }
            parts.add(format.dfa());
        }
        StringLanguage language;
        try {
            if (!key.pattern.isEmpty()) {
                parts.add(RegexCompiler.compile(RegexParser.parse(key.pattern)));
            }
            language = StringLanguage.of(parts, key.least, key.most);
        } catch (IllegalArgumentException e) {
            throw schema.unsupported(
                    "pattern",
                    "the pattern is not supported ("
                            + e.getMessage()
                            + "); supported are classes, groups, alternatives, repetitions, and"
                            + " anchors at the ends");
        }
        if (language == null) {
            throw schema.unsupported("no string satisfies the pattern, format and length together");
        }
        return language;
    }

    SpanTerm.Limits spans(SchemaNode schema) {
        for (String keyword : List.of("pattern", "format")) {
            if (schema.has(keyword)) {
                throw schema.unsupported(
                        keyword,
                        "\""
                                + keyword
                                + "\" is not supported on a span of the source text; supported"
                                + " there: minLength, maxLength");
            }
        }
        int least = least(schema);
        return new SpanTerm.Limits(Math.max(1, least), Math.max(1, most(schema, least)));
    }

    private static int least(SchemaNode schema) {
        return schema.count("minLength", 0);
    }

    private int most(SchemaNode schema, int least) {
        int most = schema.count("maxLength", Math.max(options.maxLength(), least));
        if (!schema.has("maxLength") && least > options.maxLength()) {
            most = least + options.maxLength();
        }
        if (most > MAX_LENGTH) {
            throw schema.unsupported(
                    "maxLength", "strings of more than " + MAX_LENGTH + " are not supported");
        }
        if (least > most) {
            throw schema.unsupported("minLength", "\"minLength\" is greater than the maximum");
        }
        return most;
    }

    /** The numbers of a schema. */
    Dfa numbers(SchemaNode schema, boolean whole) {
        DecimalLanguage language = decimals(schema, whole);
        Dfa dfa = knownNumbers.get(language);
        if (dfa == null) {
            dfa = language.compile();
            if (dfa == null) {
                throw schema.unsupported(
                        "no number of at most "
                                + language.fractionDigits()
                                + " digits after the point lies within the bounds");
            }
            knownNumbers.put(language, dfa);
        }
        return dfa;
    }

    private DecimalLanguage decimals(SchemaNode schema, boolean whole) {
        BigDecimal least = schema.number("minimum");
        BigDecimal above = schema.number("exclusiveMinimum");
        BigDecimal most = schema.number("maximum");
        BigDecimal below = schema.number("exclusiveMaximum");
        boolean lowIncluded = above == null || (least != null && least.compareTo(above) > 0);
        boolean highIncluded = below == null || (most != null && most.compareTo(below) < 0);
        BigDecimal low = lowIncluded ? least : above;
        BigDecimal high = highIncluded ? most : below;
        int fractionDigits = fractionDigits(schema, whole, low, high);
        return new DecimalLanguage(
                low == null ? farthest(high).negate() : low,
                lowIncluded,
                high == null ? farthest(low) : high,
                highIncluded,
                fractionDigits);
    }

    /** The greatest absolute value where there is no bound; beyond the other bound in any case. */
    private BigDecimal farthest(BigDecimal other) {
        int digits = options.integerDigits();
        if (other != null) {
            digits = Math.max(digits, other.precision() - other.scale() + 1);
        }
        return BigDecimal.TEN.pow(digits).subtract(BigDecimal.ONE);
    }

    private int fractionDigits(SchemaNode schema, boolean whole, BigDecimal low, BigDecimal high) {
        if (schema.has("multipleOf")) {
            BigDecimal unit = schema.number("multipleOf").stripTrailingZeros();
            boolean powerOfTen = unit.unscaledValue().equals(BigInteger.ONE) && unit.scale() >= 0;
            if (!powerOfTen) {
                throw schema.unsupported(
                        "multipleOf", "\"multipleOf\" is supported for 1, 0.1, 0.01 and so on");
            }
            return whole ? 0 : unit.scale();
        }
        if (whole) {
            return 0;
        }
        int digits = options.fractionDigits();
        for (BigDecimal bound : new BigDecimal[] {low, high}) {
            if (bound != null) {
                digits = Math.max(digits, bound.stripTrailingZeros().scale() + 1);
            }
        }
        return digits;
    }

    /** Whether a number is within the bounds of a schema; digits do not matter. */
    boolean admits(SchemaNode schema, JsonNode value, boolean whole) {
        BigDecimal number = value.decimalValue();
        DecimalLanguage range = decimals(schema, whole);
        int low = number.compareTo(range.low());
        int high = number.compareTo(range.high());
        boolean lowGiven = schema.has("minimum") || schema.has("exclusiveMinimum");
        boolean highGiven = schema.has("maximum") || schema.has("exclusiveMaximum");
        boolean grid =
                !(whole || schema.has("multipleOf"))
                        || number.stripTrailingZeros().scale() <= range.fractionDigits();
        return grid
                && (!lowGiven || low > 0 || (low == 0 && range.lowIncluded()))
                && (!highGiven || high < 0 || (high == 0 && range.highIncluded()));
    }
}
