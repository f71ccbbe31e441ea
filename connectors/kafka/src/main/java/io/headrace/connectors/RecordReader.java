package io.headrace.connectors;

import org.apache.avro.generic.GenericRecord;

/**
 * Turns the bytes of a Kafka record's value into a record. Used by one thread at a time.
 *
 * <p>Every array of bytes gives a record or a {@link RecordFormatException}, when the same bytes
 * will fail again. Readers that ask a registry also throw {@link RegistryUnavailableException} when
 * a later try may succeed, and {@link RegistryException} when the registry refuses this client.
 */
public interface RecordReader extends AutoCloseable {

    /** Decodes a value; never null, since a tombstone has none to read. */
    GenericRecord read(byte[] value) throws RecordFormatException;

    /**
     * Reads a value that {@link #read} has accepted before, maybe elsewhere and earlier. The record
     * may be decoded when its fields are asked for, and then throw Avro's exceptions.
     */
    default GenericRecord readAgain(byte[] value) throws RecordFormatException {
        return read(value);
    }

    /** Ends what the reader opened itself; a second close does nothing. */
    @Override
    default void close() {}
}
