package io.headrace.inference.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Terms for {@code enum} and {@code const}: those of the values that the other keywords allow. */
final class EnumSchemas {

    private static final Set<String> KEYWORDS =
            Set.of(
                    "type",
                    "enum",
                    "const",
                    "minLength",
                    "maxLength",
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum");

    private final ScalarSchemas scalars;

    EnumSchemas(ScalarSchemas scalars) {
        this.scalars = scalars;
    }

    Term term(SchemaNode schema, Set<String> types) {
        schema.allowOnly(KEYWORDS, "beside enum and const");
        Set<String> texts = new LinkedHashSet<>();
        for (JsonNode value : values(schema)) {
            if (value.isContainerNode()) {
                throw schema.unsupported(
                        schema.has("enum") ? "enum" : "const",
                        "only scalars are supported as values, not " + value);
            }
            if (allowed(schema, types, value)) {
                texts.add(text(value));
            }
        }
        if (texts.isEmpty()) {
            throw schema.unsupported("no value of the enum is allowed by the other keywords");
        }
        List<Regex> options = new ArrayList<>();
        for (String text : texts) {
            options.add(Regex.bytes(text.getBytes(StandardCharsets.UTF_8)));
        }
        return DfaTerm.of(RegexCompiler.compile(new Regex.Choice(options)));
    }

    /** The values before the other keywords are asked. */
    static List<JsonNode> values(SchemaNode schema) {
        List<JsonNode> values = new ArrayList<>();
        JsonNode listed = schema.get("enum");
        if (listed != null && (!listed.isArray() || listed.isEmpty())) {
            throw schema.unsupported("enum", "\"enum\" must be an array of values");
        }
        JsonNode only = schema.get("const");
        if (listed == null) {
            values.add(only);
            return values;
        }
        for (JsonNode value : listed) {
            if (only == null || same(only, value)) {
                values.add(value);
            }
        }
        return values;
    }

    /** Equality as JSON Schema has it: numbers by value. */
    static boolean same(JsonNode left, JsonNode right) {
        return (left.isNumber() && right.isNumber())
                ? left.decimalValue().compareTo(right.decimalValue()) == 0
                : left.equals(right);
    }

    private boolean allowed(SchemaNode schema, Set<String> types, JsonNode value) {
        if (value.isTextual()) {
            int length = value.textValue().codePointCount(0, value.textValue().length());
            return types.contains("string")
                    && length >= schema.count("minLength", 0)
                    && length <= schema.count("maxLength", Integer.MAX_VALUE);
        }
        if (value.isNumber()) {
            boolean whole = value.decimalValue().stripTrailingZeros().scale() <= 0;
            return (types.contains("number") || (whole && types.contains("integer")))
                    && scalars.admits(schema, value, false);
        }
        return types.contains(value.isBoolean() ? "boolean" : "null");
    }

    private static String text(JsonNode value) {
        if (value.isTextual()) {
            return SchemaCompiler.quoted(value.textValue());
        }
        if (!value.isNumber()) {
            return value.asText();
        }
        BigDecimal number = value.decimalValue();
        return number.signum() == 0 ? "0" : number.toPlainString();
    }
}
