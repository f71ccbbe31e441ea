package io.headrace.jobs;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * A record that is null, as templates see it: an empty map, false in a condition, that still knows
 * the fields of its schema, so that a path through it is empty and no mistake.
 */
final class AbsentRecord extends AbstractMap<String, Object> {

    private final Schema schema;

    AbsentRecord(Schema schema) {
        this.schema = schema;
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return Set.of();
    }

    @Override
    public boolean containsKey(Object name) {
        return schema.getField(String.valueOf(name)) != null;
    }

    @Override
    public Object get(Object name) {
        Schema.Field field = schema.getField(String.valueOf(name));
        return field == null ? null : AvroFields.absent(field.schema());
    }

    @Override
    public String toString() {
        return "";
    }
}
