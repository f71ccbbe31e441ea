package io.headrace.connectors;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;

class PlainAvroReaderTest extends RecordReaderContract {

    private static final Schema SCHEMA =
            SchemaBuilder.record("Message").fields().requiredString("body").endRecord();

    @Override
    RecordReader reader() {
        return new PlainAvroReader(SCHEMA);
    }

    @Override
    byte[] example() {
        return new byte[] {4, 'h', 'i'};
    }

    @Override
    String expected() {
        return "{\"body\": \"hi\"}";
    }

    @Override
    List<byte[]> malformed() {
        return List.of(new byte[0], new byte[] {4, 'h'}, new byte[] {4, 'h', 'i', '!'});
    }
}
