package io.headrace.connectors;

import org.apache.avro.generic.GenericRecord;

/** Turns records into the bytes of a Kafka record's value. Used by one thread at a time. */
public interface RecordWriter extends AutoCloseable {

    /**
     * Encodes a record that fits its own schema.
     *
     * @throws RegistryUnavailableException when a later try may succeed
     * @throws RegistryException when the registry refuses the record's schema
     */
    byte[] write(GenericRecord record);

    /** Ends what the writer opened itself; a second close does nothing. */
    @Override
    default void close() {}
}
