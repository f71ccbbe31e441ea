package io.headrace.operators.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/**
 * Converts JSON to an Avro datum, strictly.
 *
 * <p>What a field's type cannot hold becomes null where the type is nullable; otherwise the
 * conversion fails. Logical types are read from their ISO form and given as the type that carries
 * them.
 */
final class JsonToAvro {

    static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private JsonToAvro() {}

    /**
     * Converts JSON text.
     *
     * @throws ResultConversionException if it is no JSON, or a value has no place in the schema
     */
    static Object convert(String json, Schema schema) {
        return convert(parse(json), schema, schema.getName());
    }

    /**
     * Reads an answer.
     *
     * @throws ResultConversionException if it is no JSON
     */
    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new ResultConversionException(
                    "the answer is not JSON: " + e.getOriginalMessage());
        }
    }

    private static Object convert(JsonNode node, Schema schema, String path) {
        return schema.isUnion() ? union(node, schema, path) : plain(node, schema, path);
    }

    private static Object union(JsonNode node, Schema union, String path) {
        boolean nullable = AvroTypes.nullable(union);
        if (node.isNull() && nullable) {
            return null;
        }
        ResultConversionException first = null;
        for (Schema branch : AvroTypes.branches(union)) {
            try {
                return plain(node, branch, path);
            } catch (ResultConversionException e) {
                first = first == null ? e : first;
            }
        }
        if (nullable) {
            return null;
        }
        throw first == null ? mismatch(node, union, path) : first;
    }

    private static Object plain(JsonNode node, Schema schema, String path) {
        LogicalType logical = schema.getLogicalType();
        if (logical != null && node.isTextual()) {
            Object value = logical(node.textValue(), schema, logical, path);
            if (value != null) {
                return value;
            }
        }
        return switch (schema.getType()) {
            case RECORD -> record(node, schema, path);
            case ARRAY -> array(node, schema, path);
            case ENUM -> {
                if (!node.isTextual() || !schema.hasEnumSymbol(node.textValue())) {
                    throw mismatch(node, schema, path);
                }
                yield new GenericData.EnumSymbol(schema, node.textValue());
            }
            case STRING -> {
                if (!node.isTextual()) {
                    throw mismatch(node, schema, path);
                }
                yield node.textValue();
            }
            case INT -> {
                if (!node.canConvertToExactIntegral() || !node.canConvertToInt()) {
                    throw mismatch(node, schema, path);
                }
                yield node.intValue();
            }
            case LONG -> {
                if (!node.canConvertToExactIntegral() || !node.canConvertToLong()) {
                    throw mismatch(node, schema, path);
                }
                yield node.longValue();
            }
            case FLOAT -> {
                if (!node.isNumber() || Float.isInfinite(node.floatValue())) {
                    throw mismatch(node, schema, path);
                }
                yield node.floatValue();
            }
            case DOUBLE -> {
                if (!node.isNumber() || Double.isInfinite(node.doubleValue())) {
                    throw mismatch(node, schema, path);
                }
                yield node.doubleValue();
            }
            case BOOLEAN -> {
                if (!node.isBoolean()) {
                    throw mismatch(node, schema, path);
                }
                yield node.booleanValue();
            }
            case NULL -> {
                if (!node.isNull()) {
                    throw mismatch(node, schema, path);
                }
                yield null;
            }
            default -> throw mismatch(node, schema, path);
        };
    }

    private static GenericData.Record record(JsonNode node, Schema schema, String path) {
        if (!node.isObject()) {
            throw mismatch(node, schema, path);
        }
        GenericData.Record datum = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            JsonNode value = node.get(field.name());
            String fieldPath = path + "." + field.name();
            if (value != null) {
                datum.put(field.pos(), convert(value, field.schema(), fieldPath));
            } else if (field.hasDefaultValue()) {
                datum.put(field.pos(), GenericData.get().getDefaultValue(field));
            } else {
                throw new ResultConversionException(fieldPath + " is missing from the answer");
            }
        }
        return datum;
    }

    private static GenericData.Array<Object> array(JsonNode node, Schema schema, String path) {
        if (!node.isArray()) {
            throw mismatch(node, schema, path);
        }
        GenericData.Array<Object> items = new GenericData.Array<>(node.size(), schema);
        for (int i = 0; i < node.size(); i++) {
            items.add(convert(node.get(i), schema.getElementType(), path + "[" + i + "]"));
        }
        return items;
    }

    /** The carrier of a logical value, or null when the logical type is not one of ours. */
    private static Object logical(String text, Schema schema, LogicalType logical, String path) {
        try {
            return switch (logical.getName()) {
                case "date" -> Math.toIntExact(LocalDate.parse(text).toEpochDay());
                case "time-millis" ->
                        Math.toIntExact(LocalTime.parse(text).toNanoOfDay() / 1_000_000);
                case "time-micros" -> LocalTime.parse(text).toNanoOfDay() / 1_000;
                case "timestamp-millis" -> instant(text).toEpochMilli();
                case "timestamp-micros" -> micros(instant(text));
                case "uuid" -> UUID.fromString(text).toString();
                case "decimal" -> decimal(text, schema, logical);
                default -> null;
            };
        } catch (DateTimeException
                | ArithmeticException
                | IllegalArgumentException
                | AvroRuntimeException e) {
            throw new ResultConversionException(
                    path + ": '" + text + "' is no " + logical.getName());
        }
    }

    private static Instant instant(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    private static long micros(Instant instant) {
        return Math.addExact(
                Math.multiplyExact(instant.getEpochSecond(), 1_000_000L),
                instant.getNano() / 1_000);
    }

    private static Object decimal(String text, Schema schema, LogicalType logical) {
        BigDecimal value =
                new BigDecimal(text)
                        .setScale(((org.apache.avro.LogicalTypes.Decimal) logical).getScale());
        Conversions.DecimalConversion conversion = new Conversions.DecimalConversion();
        return schema.getType() == Schema.Type.FIXED
                ? conversion.toFixed(value, schema, logical)
                : conversion.toBytes(value, schema, logical);
    }

    private static ResultConversionException mismatch(JsonNode node, Schema schema, String path) {
        return new ResultConversionException(
                path + ": " + node + " is no " + schema.getType().getName());
    }
}
