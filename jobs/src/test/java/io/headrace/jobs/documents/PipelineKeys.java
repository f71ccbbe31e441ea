package io.headrace.jobs.documents;

import io.headrace.jobs.pipeline.Pipeline;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The keys of the pipeline file, out of the records that it is bound to. */
final class PipelineKeys {

    /**
     * A key.
     *
     * @param path with the sections before it, for instance {@code source.topic}, and {@code []}
     *     behind lists
     */
    record PipelineKey(String path, Class<?> type, List<RecordComponent> way) {

        /** What a pipeline has at a key outside of lists. */
        Object valueIn(Pipeline pipeline) throws ReflectiveOperationException {
            Object value = pipeline;
            for (RecordComponent component : way) {
                value = value == null ? null : component.getAccessor().invoke(value);
            }
            return value;
        }

        String name() {
            return path.substring(path.lastIndexOf('.') + 1).replace("[]", "");
        }
    }

    private PipelineKeys() {}

    static List<PipelineKey> all() {
        List<PipelineKey> keys = new ArrayList<>();
        add(keys, "", Pipeline.class, List.of());
        return keys;
    }

    private static void add(
            List<PipelineKey> keys, String prefix, Class<?> section, List<RecordComponent> way) {
        for (RecordComponent component : section.getRecordComponents()) {
            List<RecordComponent> here = new ArrayList<>(way);
            here.add(component);
            String path = prefix + component.getName();
            Class<?> element = elementOf(component.getGenericType());
            keys.add(new PipelineKey(path, component.getType(), here));
            if (component.getType().isRecord()) {
                add(keys, path + ".", component.getType(), here);
            } else if (element != null && element.isRecord()) {
                add(keys, path + "[].", element, here);
            }
        }
    }

    private static Class<?> elementOf(Type type) {
        return type instanceof ParameterizedType generic
                        && !Map.class.equals(generic.getRawType())
                        && generic.getActualTypeArguments()[0] instanceof Class<?> element
                ? element
                : null;
    }
}
