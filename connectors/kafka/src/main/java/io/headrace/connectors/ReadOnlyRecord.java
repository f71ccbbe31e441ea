package io.headrace.connectors;

import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** A record whose fields nobody sets. */
abstract class ReadOnlyRecord implements GenericRecord {

    private final Schema schema;

    ReadOnlyRecord(Schema schema) {
        this.schema = Objects.requireNonNull(schema, "schema");
    }

    @Override
    public final Schema getSchema() {
        return schema;
    }

    @Override
    public final void put(int position, Object value) {
        throw readOnly();
    }

    @Override
    public final void put(String name, Object value) {
        throw readOnly();
    }

    private static UnsupportedOperationException readOnly() {
        return new UnsupportedOperationException("the record is read only");
    }
}
