package io.headrace.connectors;

import java.nio.ByteBuffer;

/**
 * Confluent's frame before a payload: a zero byte, then the schema's id in four bytes, the highest
 * first. Source: Confluent's documentation, "Wire format".
 */
final class ConfluentFrame {

    static final int LENGTH = 5;
    private static final byte MAGIC = 0;

    private ConfluentFrame() {}

    static int schemaIdOf(byte[] value) throws RecordFormatException {
        if (value.length < LENGTH) {
            throw new RecordFormatException(
                    "The value of %d bytes is too short for a schema id before its payload."
                            .formatted(value.length));
        }
        if (value[0] != MAGIC) {
            throw new RecordFormatException(
                    "The value starts with byte %d, not with 0 and a schema id; it is not framed Avro."
                            .formatted(value[0] & 0xff));
        }
        int id = ByteBuffer.wrap(value).getInt(1);
        if (id < 0) {
            throw new RecordFormatException("The value names schema id %d.".formatted(id));
        }
        return id;
    }

    static byte[] of(int schemaId) {
        return ByteBuffer.allocate(LENGTH).put(MAGIC).putInt(schemaId).array();
    }
}
