package io.headrace.jobs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;

/**
 * Gives Avro data as plain Java values, for templates: maps, lists, strings, numbers, booleans.
 * What is null is an empty text, and a record that is null has all its fields, each of them empty.
 */
final class AvroFields {

    private AvroFields() {}

    static Map<String, Object> of(GenericRecord record) {
        return map(record);
    }

    /**
     * A value as Avro holds it.
     *
     * @param path names of fields, each but the first in the record before
     * @return null where there is none
     */
    static Object at(GenericRecord record, List<String> path) {
        Object value = record;
        for (String name : path) {
            Schema.Field field =
                    value instanceof IndexedRecord known ? known.getSchema().getField(name) : null;
            value = field == null ? null : ((IndexedRecord) value).get(field.pos());
        }
        return value;
    }

    private static Map<String, Object> map(IndexedRecord record) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            fields.put(field.name(), value == null ? absent(field.schema()) : plain(value));
        }
        return fields;
    }

    /** What stands for a value that is not there. */
    static Object absent(Schema schema) {
        if (schema.getType() == Schema.Type.RECORD) {
            return new AbsentRecord(schema);
        }
        if (schema.isUnion()) {
            for (Schema branch : schema.getTypes()) {
                if (branch.getType() == Schema.Type.RECORD) {
                    return new AbsentRecord(branch);
                }
            }
        }
        return "";
    }

    private static Object plain(Object value) {
        if (value instanceof IndexedRecord record) {
            return map(record);
        }
        if (value instanceof Collection<?> items) {
            List<Object> list = new ArrayList<>(items.size());
            items.forEach(item -> list.add(plain(item)));
            return list;
        }
        if (value instanceof Map<?, ?> entries) {
            Map<String, Object> map = new LinkedHashMap<>();
            entries.forEach((key, item) -> map.put(key.toString(), plain(item)));
            return map;
        }
        if (value == null) {
            return "";
        }
        return value instanceof Number || value instanceof Boolean ? value : value.toString();
    }
}
