package io.headrace.connectors;

import java.io.Serializable;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * The field that says when a record happened.
 *
 * <p>A long counts milliseconds or, with Avro's logical type for them, microseconds since 1970; a
 * date is its midnight in UTC; a text is ISO 8601 with an offset.
 *
 * @param path the field's name, or names with dots between for one inside other records
 */
public record EventTimeField(String path) implements Serializable {

    public EventTimeField {
        Settings.requireText("event time field", path);
    }

    /** Throws {@link IllegalArgumentException} where records of a schema have no such field. */
    public void requireIn(Schema schema) {
        Schema current = schema;
        for (String name : names()) {
            Schema record = FieldTypes.withoutNull(current);
            if (record.getType() != Schema.Type.RECORD || record.getField(name) == null) {
                throw new IllegalArgumentException(
                        "The event time field %s is not in %s%s"
                                .formatted(path, schema.getFullName(), suggestion(record, name)));
            }
            current = record.getField(name).schema();
        }
        Schema type = FieldTypes.withoutNull(current);
        if (!FieldTypes.canBeTime(type)) {
            throw new IllegalArgumentException(
                    "The event time field %s is of type %s; a long, a date or a text in ISO 8601 is"
                                    .formatted(path, type.getType().getName())
                            + " needed.");
        }
    }

    /** Returns the time in milliseconds since 1970. */
    public long millisOf(GenericRecord record) throws RecordFormatException {
        Object value = record;
        Schema schema = record.getSchema();
        for (String name : names()) {
            Schema.Field field =
                    value instanceof GenericRecord parent
                            ? parent.getSchema().getField(name)
                            : null;
            if (field == null) {
                throw new RecordFormatException(
                        "The record has no event time: there is no field %s.".formatted(path));
            }
            value = ((GenericRecord) value).get(field.pos());
            schema = FieldTypes.withoutNull(field.schema());
        }
        return millis(value, schema.getLogicalType());
    }

    private long millis(Object value, LogicalType type) throws RecordFormatException {
        if (value instanceof Long number) {
            boolean micros =
                    type instanceof LogicalTypes.TimestampMicros
                            || type instanceof LogicalTypes.LocalTimestampMicros;
            return micros ? Math.floorDiv(number, 1_000L) : number;
        }
        if (value instanceof Integer days && type instanceof LogicalTypes.Date) {
            return Duration.ofDays(days).toMillis();
        }
        if (value instanceof CharSequence text) {
            return parse(text);
        }
        throw new RecordFormatException(
                "The record has no event time: field %s is %s."
                        .formatted(path, value == null ? "null" : "no time"));
    }

    private long parse(CharSequence text) throws RecordFormatException {
        try {
            return OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw new RecordFormatException(
                    "The record has no event time: field %s is no ISO 8601 time with an offset."
                            .formatted(path),
                    e);
        }
    }

    private List<String> names() {
        return List.of(path.split("\\.", -1));
    }

    private static String suggestion(Schema record, String name) {
        if (record.getType() != Schema.Type.RECORD) {
            return ".";
        }
        List<String> fields = record.getFields().stream().map(Schema.Field::name).toList();
        return NearestName.of(name, fields)
                .map("; the nearest field is %s."::formatted)
                .orElse("; its fields are " + String.join(", ", fields) + ".");
    }
}
