package io.headrace.jobs;

import java.util.AbstractMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * Plain values of the shape that a schema gives, against which a template is checked before there
 * is a record.
 */
final class SampleFields {

    private SampleFields() {}

    /** Values that are all there. */
    static Map<String, Object> of(Schema record) {
        return fields(record, new HashSet<>());
    }

    private static Map<String, Object> fields(Schema record, Set<String> outer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        outer.add(record.getFullName());
        for (Schema.Field field : record.getFields()) {
            fields.put(field.name(), value(field.schema(), outer));
        }
        outer.remove(record.getFullName());
        return fields;
    }

    private static Object value(Schema schema, Set<String> outer) {
        return switch (schema.getType()) {
            case RECORD ->
                    outer.contains(schema.getFullName())
                            ? AvroFields.absent(schema)
                            : fields(schema, outer);
            case ARRAY -> List.of(value(schema.getElementType(), outer));
            case MAP -> new AnyEntry(value(schema.getValueType(), outer));
            case UNION ->
                    schema.getTypes().stream()
                            .filter(branch -> branch.getType() != Schema.Type.NULL)
                            .findFirst()
                            .map(branch -> value(branch, outer))
                            .orElse("");
            case INT, LONG -> 1L;
            case FLOAT, DOUBLE -> 1.5;
            case BOOLEAN -> true;
            default -> "text";
        };
    }

    /** A map that has every key. */
    private static final class AnyEntry extends AbstractMap<String, Object> {

        private final Object value;

        AnyEntry(Object value) {
            this.value = value;
        }

        @Override
        public Set<Map.Entry<String, Object>> entrySet() {
            return Set.of(Map.entry("key", value));
        }

        @Override
        public boolean containsKey(Object key) {
            return true;
        }

        @Override
        public Object get(Object key) {
            return value;
        }
    }
}
