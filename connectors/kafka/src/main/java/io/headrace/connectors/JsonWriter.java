package io.headrace.connectors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/**
 * Writes records as plain JSON, what {@link JsonReader} reads: a union's value stands by itself,
 * bytes are base64, and a float that is no number is null.
 */
public final class JsonWriter implements RecordWriter {

    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public byte[] write(GenericRecord record) {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
        try (JsonGenerator generator = JSON.createGenerator(buffer)) {
            writeRecord(record, generator);
        } catch (IOException e) {
            throw new UncheckedIOException("A buffer in memory failed", e);
        }
        return buffer.toByteArray();
    }

    private static void writeRecord(GenericRecord record, JsonGenerator generator)
            throws IOException {
        generator.writeStartObject();
        for (Schema.Field field : record.getSchema().getFields()) {
            generator.writeFieldName(field.name());
            writeValue(record.get(field.pos()), generator);
        }
        generator.writeEndObject();
    }

    private static void writeValue(Object value, JsonGenerator generator) throws IOException {
        if (value instanceof GenericRecord record) {
            writeRecord(record, generator);
        } else if (value instanceof Collection<?> elements) {
            writeArray(elements, generator);
        } else if (value instanceof Map<?, ?> map) {
            writeMap(map, generator);
        } else if (value instanceof Number number) {
            writeNumber(number, generator);
        } else if (value instanceof Boolean flag) {
            generator.writeBoolean(flag);
        } else if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            generator.writeBinary(copy);
        } else if (value instanceof GenericFixed fixed) {
            generator.writeBinary(fixed.bytes());
        } else if (value == null) {
            generator.writeNull();
        } else {
            // Strings of Avro's own class, and an enum's symbol.
            generator.writeString(value.toString());
        }
    }

    private static void writeArray(Collection<?> elements, JsonGenerator generator)
            throws IOException {
        generator.writeStartArray();
        for (Object element : elements) {
            writeValue(element, generator);
        }
        generator.writeEndArray();
    }

    private static void writeMap(Map<?, ?> map, JsonGenerator generator) throws IOException {
        generator.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            generator.writeFieldName(entry.getKey().toString());
            writeValue(entry.getValue(), generator);
        }
        generator.writeEndObject();
    }

    private static void writeNumber(Number number, JsonGenerator generator) throws IOException {
        if (number instanceof Integer || number instanceof Long) {
            generator.writeNumber(number.longValue());
        } else if (!Double.isFinite(number.doubleValue())) {
            generator.writeNull();
        } else if (number instanceof Float) {
            generator.writeNumber(number.floatValue());
        } else {
            generator.writeNumber(number.doubleValue());
        }
    }
}
