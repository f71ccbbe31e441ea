package io.headrace.connectors;

import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** A record with the fields of another one first and more of its own after them. Read only. */
public final class ExtendedRecord extends ReadOnlyRecord {

    private final GenericRecord base;
    private final int baseFields;
    private final List<Object> more;

    /**
     * Puts a record together.
     *
     * @param schema begins with the fields of the base, with the same types
     * @param more the values of the fields that follow; may hold nulls; nobody changes them
     */
    public ExtendedRecord(Schema schema, GenericRecord base, List<Object> more) {
        super(schema);
        this.base = Objects.requireNonNull(base, "base");
        this.baseFields = base.getSchema().getFields().size();
        this.more = Objects.requireNonNull(more, "more");
    }

    GenericRecord base() {
        return base;
    }

    int baseFields() {
        return baseFields;
    }

    @Override
    public Object get(int position) {
        return position < baseFields ? base.get(position) : more.get(position - baseFields);
    }

    @Override
    public Object get(String name) {
        Schema.Field field = getSchema().getField(name);
        return field == null ? null : get(field.pos());
    }
}
