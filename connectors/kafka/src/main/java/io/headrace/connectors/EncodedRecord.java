package io.headrace.connectors;

import java.io.IOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.Encoder;

/**
 * A record in Avro's binary form, which is decoded when somebody asks for a field and can be
 * written on without that. Immutable to its users, and used by one thread at a time.
 */
final class EncodedRecord extends ReadOnlyRecord {

    private final AvroDecoding decoding;
    private final byte[] bytes;
    private final int start;
    private GenericRecord decoded;

    /** Takes a record that begins there in the array and fills the rest of it. */
    EncodedRecord(Schema schema, AvroDecoding decoding, byte[] bytes, int start) {
        super(schema);
        this.decoding = decoding;
        this.bytes = bytes;
        this.start = start;
    }

    void writeTo(Encoder out) throws IOException {
        out.writeFixed(bytes, start, bytes.length - start);
    }

    @Override
    public Object get(int position) {
        return decoded().get(position);
    }

    @Override
    public Object get(String name) {
        return decoded().get(name);
    }

    private GenericRecord decoded() {
        if (decoded == null) {
            try {
                decoded = decoding.decode(bytes, start);
            } catch (RecordFormatException e) {
                throw new AvroRuntimeException(e.getMessage(), e);
            }
        }
        return decoded;
    }
}
