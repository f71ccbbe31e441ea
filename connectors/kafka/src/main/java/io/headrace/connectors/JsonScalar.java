package io.headrace.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Locale;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** Puts one plain JSON value into an Avro type that holds no others. */
final class JsonScalar {

    private JsonScalar() {}

    static Object of(JsonNode node, Schema schema, String path) throws RecordFormatException {
        Object value =
                switch (schema.getType()) {
                    case STRING -> node.isTextual() ? node.textValue() : null;
                    case BOOLEAN -> node.isBoolean() ? node.booleanValue() : null;
                    case INT ->
                            node.isIntegralNumber() && node.canConvertToInt()
                                    ? node.intValue()
                                    : null;
                    case LONG -> longOf(node, schema.getLogicalType());
                    case FLOAT -> node.isNumber() ? node.floatValue() : null;
                    case DOUBLE -> node.isNumber() ? node.doubleValue() : null;
                    case ENUM -> enumOf(node, schema);
                    case BYTES -> bytesOf(node) == null ? null : ByteBuffer.wrap(bytesOf(node));
                    case FIXED -> fixedOf(node, schema);
                    default -> null;
                };
        boolean isNull = schema.getType() == Schema.Type.NULL && node.isNull();
        if (value == null && !isNull) {
            throw misfit(node, describe(schema), path);
        }
        return value;
    }

    static RecordFormatException misfit(JsonNode node, String expected, String path) {
        String found = node.getNodeType().name().toLowerCase(Locale.ROOT);
        return new RecordFormatException(
                "The JSON member %s is no %s: a %s is there.".formatted(path, expected, found));
    }

    /** Takes a time in ISO 8601 too where the schema says that the number is one. */
    private static Long longOf(JsonNode node, LogicalType logicalType) {
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        if (!node.isTextual()) {
            return null;
        }
        if (logicalType instanceof LogicalTypes.TimestampMillis) {
            return instantOf(node.textValue(), ChronoUnit.MILLIS);
        }
        return logicalType instanceof LogicalTypes.TimestampMicros
                ? instantOf(node.textValue(), ChronoUnit.MICROS)
                : null;
    }

    private static Long instantOf(String text, ChronoUnit unit) {
        try {
            return unit.between(Instant.EPOCH, Instant.parse(text));
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    private static Object enumOf(JsonNode node, Schema schema) {
        return node.isTextual() && schema.hasEnumSymbol(node.textValue())
                ? new GenericData.EnumSymbol(schema, node.textValue())
                : null;
    }

    private static Object fixedOf(JsonNode node, Schema schema) {
        byte[] bytes = bytesOf(node);
        return bytes != null && bytes.length == schema.getFixedSize()
                ? new GenericData.Fixed(schema, bytes)
                : null;
    }

    private static byte[] bytesOf(JsonNode node) {
        if (!node.isTextual()) {
            return null;
        }
        try {
            return Base64.getDecoder().decode(node.textValue());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String describe(Schema schema) {
        return schema.getLogicalType() == null
                ? schema.getType().getName()
                : schema.getLogicalType().getName();
    }
}
