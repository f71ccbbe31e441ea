package io.headrace.connectors;

import org.apache.avro.generic.GenericRecord;

/**
 * Turns the bytes of a Kafka record's value into a record. Used by one thread at a time.
 *
 * <p>Every array of bytes gives a record or one of two failures: {@link RecordFormatException} when
 * the same bytes will fail again, {@link RegistryUnavailableException} when a later try may
 * succeed.
 */
public interface RecordReader {

    /** Decodes a value; never null, since a tombstone has none to read. */
    GenericRecord read(byte[] value) throws RecordFormatException;
}
