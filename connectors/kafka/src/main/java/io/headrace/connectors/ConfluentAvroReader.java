package io.headrace.connectors;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * Reads Avro that names its writer's schema by a registry id before the payload. Without a reader
 * schema each record has its writer's, new fields included. Used by one thread at a time.
 */
public final class ConfluentAvroReader implements RecordReader {

    private final SchemaRegistry registry;
    private final Optional<Schema> readerSchema;
    private final boolean closesRegistry;
    private final Map<Integer, AvroDecoding> decodings = new HashMap<>();

    private ConfluentAvroReader(
            SchemaRegistry registry, Optional<Schema> readerSchema, boolean closesRegistry) {
        this.registry = registry;
        this.readerSchema = readerSchema;
        this.closesRegistry = closesRegistry;
    }

    /** Takes an open registry, which stays the caller's to close. */
    public ConfluentAvroReader(SchemaRegistry registry, Optional<Schema> readerSchema) {
        this(registry, readerSchema, false);
    }

    /** Opens a registry that closes with the reader. */
    static ConfluentAvroReader connect(SchemaRegistryConfig config, Optional<Schema> readerSchema) {
        return new ConfluentAvroReader(SchemaRegistry.connect(config), readerSchema, true);
    }

    @Override
    public GenericRecord read(byte[] value) throws RecordFormatException {
        return decoding(value).decode(value, ConfluentFrame.LENGTH);
    }

    @Override
    public GenericRecord readAgain(byte[] value) throws RecordFormatException {
        return decoding(value).decodeLater(value, ConfluentFrame.LENGTH);
    }

    private AvroDecoding decoding(byte[] value) throws RecordFormatException {
        int id = ConfluentFrame.schemaIdOf(value);
        AvroDecoding decoding = decodings.get(id);
        if (decoding == null) {
            decoding = decodingOf(id);
            decodings.put(id, decoding);
        }
        return decoding;
    }

    private AvroDecoding decodingOf(int id) throws RecordFormatException {
        try {
            Schema writerSchema = registry.schemaById(id);
            return new AvroDecoding(
                    "schema id %d (%s)".formatted(id, writerSchema.getFullName()),
                    writerSchema,
                    readerSchema.orElse(writerSchema));
        } catch (UnknownSchemaException e) {
            throw new RecordFormatException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (closesRegistry) {
            registry.close();
        }
    }
}
