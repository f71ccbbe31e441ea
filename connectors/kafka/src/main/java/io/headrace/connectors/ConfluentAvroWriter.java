package io.headrace.connectors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * Writes records as Avro under Confluent's frame. A schema that it meets for the first time is
 * registered under the subject. Used by one thread at a time.
 *
 * <p>A schema that the registry refused is not put to it again for a minute: its records come many
 * a second, and the rule of a subject changes seldom.
 *
 * <p>Throws what {@link SchemaRegistry#register} throws, and Avro's exceptions when a record does
 * not fit its own schema, which is a fault of the program.
 */
public final class ConfluentAvroWriter implements RecordWriter {

    private static final long REFUSED_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int REMEMBERED_REFUSALS = 1_000;

    private final SchemaRegistry registry;
    private final String subject;
    private final boolean closesRegistry;
    private final LongSupplier nanoTime;
    private final Map<Schema, Encoding> encodings = new HashMap<>();
    private final Map<Schema, Refusal> refusals =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Schema, Refusal> eldest) {
                    return size() > REMEMBERED_REFUSALS;
                }
            };
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);
    private BinaryEncoder encoder;

    ConfluentAvroWriter(
            SchemaRegistry registry,
            String subject,
            boolean closesRegistry,
            LongSupplier nanoTime) {
        this.registry = Objects.requireNonNull(registry, "registry");
        this.subject = Settings.requireText("subject", subject);
        this.closesRegistry = closesRegistry;
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
    }

    /** Takes an open registry, which stays the caller's to close. */
    public ConfluentAvroWriter(SchemaRegistry registry, String subject) {
        this(registry, subject, false, System::nanoTime);
    }

    /** Opens a registry that closes with the writer. */
    static ConfluentAvroWriter connect(SchemaRegistryConfig config, String subject) {
        return new ConfluentAvroWriter(
                SchemaRegistry.connect(config), subject, true, System::nanoTime);
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
        Refusal refusal = refusals.get(schema);
        if (refusal != null && nanoTime.getAsLong() - refusal.atNanos() < REFUSED_NANOS) {
            throw refusal.reason();
        }
        try {
            int id = registry.register(subject, schema);
            refusals.remove(schema);
            return new Encoding(ConfluentFrame.of(id), new RecordDatumWriter(schema));
        } catch (SchemaRefusedException e) {
            refusals.put(schema, new Refusal(e, nanoTime.getAsLong()));
            throw e;
        }
    }

    @Override
    public void close() {
        if (closesRegistry) {
            registry.close();
        }
    }

    /** What the registry had against a schema, and when. */
    private record Refusal(SchemaRefusedException reason, long atNanos) {}

    /** What is known of one schema: the frame with its id, and its writer. */
    private static final class Encoding {

        private final byte[] frame;
        private final RecordDatumWriter writer;

        Encoding(byte[] frame, RecordDatumWriter writer) {
            this.frame = frame;
            this.writer = writer;
        }

        byte[] frame() {
            return frame;
        }

        RecordDatumWriter writer() {
            return writer;
        }
    }
}
