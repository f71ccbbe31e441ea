package io.headrace.connectors;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * Reads Avro's binary form without any frame, all of it written with one schema that is known
 * beforehand.
 */
public final class PlainAvroReader implements RecordReader {

    private final AvroDecoding decoding;

    public PlainAvroReader(Schema schema) {
        decoding = new AvroDecoding("the schema " + schema.getFullName(), schema, schema);
    }

    @Override
    public GenericRecord read(byte[] value) throws RecordFormatException {
        return decoding.decode(value, 0);
    }

    @Override
    public GenericRecord readAgain(byte[] value) throws RecordFormatException {
        return decoding.decodeLater(value, 0);
    }
}
