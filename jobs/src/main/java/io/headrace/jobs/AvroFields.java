package io.headrace.jobs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;

/** Gives Avro data as plain Java values, for templates: maps, lists, strings, numbers, booleans. */
final class AvroFields {

    private AvroFields() {}

    static Map<String, Object> of(GenericRecord record) {
        return map(record);
    }

    private static Map<String, Object> map(IndexedRecord record) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Schema.Field field : record.getSchema().getFields()) {
            fields.put(field.name(), plain(record.get(field.pos())));
        }
        return fields;
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
        return value == null || value instanceof Number || value instanceof Boolean
                ? value
                : value.toString();
    }
}
