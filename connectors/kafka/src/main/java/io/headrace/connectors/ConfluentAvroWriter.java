package io.headrace.connectors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Writes records as Avro under Confluent's frame. A schema that it meets for the first time is
 * registered under the subject. Used by one thread at a time.
 *
 * <p>Throws what {@link SchemaRegistry#register} throws, and Avro's exceptions when a record does
 * not fit its own schema, which is a fault of the program.
 */
public final class ConfluentAvroWriter implements RecordWriter {

    private final SchemaRegistry registry;
    private final String subject;
    private final Map<Schema, Encoding> encodings = new HashMap<>();
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
    private BinaryEncoder encoder;

    /** Takes an open registry, which stays the caller's to close. */
    public ConfluentAvroWriter(SchemaRegistry registry, String subject) {
        this.registry = Objects.requireNonNull(registry, "registry");
        this.subject = Settings.requireText("subject", subject);
    }

    @Override
    public byte[] write(GenericRecord record) {
        Encoding encoding = encodings.computeIfAbsent(record.getSchema(), this::register);
        buffer.reset();
        buffer.writeBytes(encoding.frame());
        encoder = EncoderFactory.get().binaryEncoder(buffer, encoder);
        try {
            encoding.writer().write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("A buffer in memory failed", e);
        }
        return buffer.toByteArray();
    }

    private Encoding register(Schema schema) {
        int id = registry.register(subject, schema);
        return new Encoding(ConfluentFrame.of(id), new GenericDatumWriter<>(schema));
    }

    /** What is known of one schema: the frame with its id, and its writer. */
    private static final class Encoding {

        private final byte[] frame;
        private final GenericDatumWriter<GenericRecord> writer;

        Encoding(byte[] frame, GenericDatumWriter<GenericRecord> writer) {
            this.frame = frame;
            this.writer = writer;
        }

        byte[] frame() {
            return frame;
        }

        GenericDatumWriter<GenericRecord> writer() {
            return writer;
        }
    }
}
