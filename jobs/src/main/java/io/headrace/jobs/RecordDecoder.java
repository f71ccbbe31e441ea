package io.headrace.jobs;

import io.headrace.connectors.ConfluentAvroReader;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.RecordFormatException;
import io.headrace.connectors.RecordReader;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.UnusableRecordException;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;

/**
 * Decodes the values of Kafka records, each once: a record keeps its decoded value while it stays
 * in the process. Used by one thread.
 */
final class RecordDecoder implements Serializable {

    private static final long serialVersionUID = 1L;

    private final SchemaRegistryConfig registry;
    private transient RecordReader reader;

    RecordDecoder(SchemaRegistryConfig registry) {
        this.registry = Objects.requireNonNull(registry, "registry");
    }

    /**
     * Decodes a record's value.
     *
     * @throws UnusableRecordException if it has none, or not in the format that is expected
     */
    GenericRecord decode(KafkaRecord record) throws UnusableRecordException {
        if (record.decoded() instanceof GenericRecord decoded) {
            return decoded;
        }
        if (record.value() == null) {
            throw new UnusableRecordException(
                    Stage.DECODE, "Tombstone", "the record has no value, so there is no text");
        }
        if (reader == null) {
            reader = new ConfluentAvroReader(SchemaRegistry.connect(registry), Optional.empty());
        }
        try {
            GenericRecord decoded = reader.read(record.value());
            record.keepDecoded(decoded);
            return decoded;
        } catch (RecordFormatException e) {
            throw new UnusableRecordException(Stage.DECODE, "RecordFormat", e.getMessage());
        }
    }
}
