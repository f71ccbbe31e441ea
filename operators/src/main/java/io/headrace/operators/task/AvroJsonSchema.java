package io.headrace.operators.task;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.JsonProperties;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Maps an Avro schema to the JSON Schema whose instances {@link JsonToAvro} converts back, those of
 * the compact layout after {@link CompactLayout}.
 *
 * <p>Every field is required, in the order of the schema. Logical types are strings in ISO form;
 * decimals are decimal numbers with at most {@code scale} digits after the point.
 */
final class AvroJsonSchema {

    /** Code points of a string where neither schema nor task says otherwise. */
    static final int DEFAULT_STRING_LENGTH = 256;

    /** The property of a string's type, or of its field, that says how long it may be. */
    private static final String LENGTH_PROPERTY = "maxLength";

    /** The longest strings that the engine constrains. */
    private static final int MAX_STRING_LENGTH = 1_000_000;

    private static final int MAX_ITEMS = 16;
    private static final int MAX_DEPTH = 8;
    private static final String TIME_OF_DAY =
            "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?$";

    /** Doubles hold integers exactly up to here, and so does every JSON reader. */
    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

    private final JsonNodeFactory nodes = JsonNodeFactory.instance;
    private final boolean verbatim;
    private final boolean compact;
    private final int stringLength;
    private final Set<String> open = new HashSet<>();

    /**
     * Creates a conversion.
     *
     * @param verbatim whether strings must be spans of the text
     * @param compact whether records are arrays of their values, but for those that only the names
     *     of their fields tell from other types of a union
     * @param stringLength code points of a string whose schema does not say {@code maxLength}
     */
    AvroJsonSchema(boolean verbatim, boolean compact, int stringLength) {
        this.verbatim = verbatim;
        this.compact = compact;
        this.stringLength = Math.min(stringLength, MAX_STRING_LENGTH);
    }

    /**
     * Converts a schema.
     *
     * @throws IllegalArgumentException if a type cannot be extracted: maps, bytes and fixed without
     *     decimal, recursive records; or if a maxLength is no length
     */
    ObjectNode convert(Schema schema) {
        return convert(schema, schema.getName(), new Place(0, stringLength, compact));
    }

    /** How deep a value lies, how long its strings may be, and whether a record is an array. */
    private record Place(int depth, int stringLength, boolean tuple) {
        Place deeper() {
            return new Place(depth + 1, stringLength, tuple);
        }

        Place named() {
            return new Place(depth, stringLength, false);
        }
    }

    private ObjectNode convert(Schema schema, String path, Place place) {
        if (place.depth() > MAX_DEPTH) {
            throw unsupported(path, "nesting deeper than " + MAX_DEPTH);
        }
        LogicalType logical = schema.getLogicalType();
        if (logical != null) {
            ObjectNode node = logical(schema, logical);
            if (node != null) {
                return node;
            }
        }
        return switch (schema.getType()) {
            case RECORD ->
                    place.tuple() && CompactLayout.hasValues(schema)
                            ? tuple(schema, path, place)
                            : object(schema, path, place);
            case UNION -> union(schema, path, place);
            case ARRAY -> {
                ObjectNode node = typed("array");
                node.set("items", convert(schema.getElementType(), path + "[]", place.deeper()));
                yield node.put("maxItems", MAX_ITEMS);
            }
            case ENUM -> {
                ObjectNode node = nodes.objectNode();
                ArrayNode symbols = node.putArray("enum");
                schema.getEnumSymbols().forEach(symbols::add);
                yield node;
            }
            case STRING -> string(length(schema, path, place.stringLength()));
            case INT -> range(typed("integer"), Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG -> range(typed("integer"), -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER);
            case FLOAT, DOUBLE -> typed("number");
            case BOOLEAN -> typed("boolean");
            case NULL -> typed("null");
            case MAP, BYTES, FIXED -> throw unsupported(path, "type " + schema.getType().getName());
        };
    }

    private ObjectNode logical(Schema schema, LogicalType logical) {
        return switch (logical.getName()) {
            case "date" -> formatted("date");
            // JSON Schema's format "time" has an offset, which Avro's time of day has not.
            case "time-millis", "time-micros" -> typed("string").put("pattern", TIME_OF_DAY);
            case "timestamp-millis", "timestamp-micros" -> formatted("date-time");
            case "uuid" -> schema.getType() == Schema.Type.STRING ? formatted("uuid") : null;
            case "decimal" -> {
                LogicalTypes.Decimal decimal = (LogicalTypes.Decimal) logical;
                int digits = decimal.getPrecision() - decimal.getScale();
                String whole = digits == 0 ? "0" : "(0|[1-9][0-9]{0," + (digits - 1) + "})";
                String fraction =
                        decimal.getScale() == 0 ? "" : "(\\.[0-9]{1," + decimal.getScale() + "})?";
                // As text, so that no digit is lost on the way through a double.
                yield typed("string").put("pattern", "^-?" + whole + fraction + "$");
            }
            default -> null;
        };
    }

    private ObjectNode object(Schema record, String path, Place place) {
        ObjectNode node = typed("object");
        ObjectNode properties = node.putObject("properties");
        ArrayNode required = node.putArray("required");
        fields(record, path, place)
                .forEach(
                        (name, field) -> {
                            properties.set(name, field);
                            required.add(name);
                        });
        return node.put("additionalProperties", false);
    }

    private ObjectNode tuple(Schema record, String path, Place place) {
        ObjectNode node = typed("array");
        Map<String, ObjectNode> fields = fields(record, path, place);
        node.putArray("prefixItems").addAll(fields.values());
        return node.put("items", false).put("minItems", fields.size());
    }

    private Map<String, ObjectNode> fields(Schema record, String path, Place place) {
        if (!open.add(record.getFullName())) {
            throw unsupported(path, "a record that contains itself");
        }
        Map<String, ObjectNode> fields = new LinkedHashMap<>();
        for (Schema.Field field : record.getFields()) {
            String fieldPath = path + "." + field.name();
            int length = length(field, fieldPath, place.stringLength());
            fields.put(
                    field.name(),
                    convert(
                            field.schema(),
                            fieldPath,
                            new Place(place.depth() + 1, length, place.tuple())));
        }
        open.remove(record.getFullName());
        return fields;
    }

    private ObjectNode union(Schema union, String path, Place place) {
        List<Schema> branches = union.getTypes();
        if (branches.size() == 1) {
            return convert(branches.get(0), path, place);
        }
        ObjectNode node = nodes.objectNode();
        ArrayNode any = node.putArray("anyOf");
        Place inner = CompactLayout.tellsByValue(union) ? place : place.named();
        for (Schema branch : branches) {
            any.add(convert(branch, path, inner));
        }
        return node;
    }

    /** What the property says, or else the length from further out. */
    private static int length(JsonProperties properties, String path, int otherwise) {
        Object written = properties.getObjectProp(LENGTH_PROPERTY);
        if (written == null) {
            return otherwise;
        }
        if (written instanceof Integer length && length >= 1 && length <= MAX_STRING_LENGTH) {
            return length;
        }
        throw new IllegalArgumentException(
                path
                        + ": "
                        + LENGTH_PROPERTY
                        + " must be a number from 1 to "
                        + MAX_STRING_LENGTH
                        + ", not "
                        + written);
    }

    private ObjectNode string(int length) {
        ObjectNode node = typed("string").put("maxLength", length);
        return verbatim ? node.put("x-headrace-span", true) : node;
    }

    private ObjectNode typed(String type) {
        return nodes.objectNode().put("type", type);
    }

    private ObjectNode formatted(String format) {
        return typed("string").put("format", format);
    }

    private static ObjectNode range(ObjectNode node, long minimum, long maximum) {
        return node.put("minimum", minimum).put("maximum", maximum);
    }

    private static IllegalArgumentException unsupported(String path, String what) {
        return new IllegalArgumentException(
                path
                        + ": "
                        + what
                        + " cannot be extracted; use records, arrays, enums, strings, numbers,"
                        + " booleans, unions and the logical types date, time, timestamp, decimal"
                        + " and uuid");
    }
}
