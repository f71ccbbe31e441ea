package io.headrace.connectors;

import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Reads UTF-8 text into a record with one field, {@code value}. */
public final class TextReader implements RecordReader {

    /** The schema of all its records. */
    public static final Schema SCHEMA =
            SchemaBuilder.record("Text")
                    .namespace("io.headrace")
                    .doc("A record of plain text.")
                    .fields()
                    .name("value")
                    .doc("The text.")
                    .type()
                    .stringType()
                    .noDefault()
                    .endRecord();

    @Override
    public GenericRecord read(byte[] value) throws RecordFormatException {
        GenericRecord record = new GenericData.Record(SCHEMA);
        record.put("value", Utf8Text.of(value));
        return record;
    }
}
