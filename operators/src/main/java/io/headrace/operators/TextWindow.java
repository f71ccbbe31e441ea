package io.headrace.operators;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * The records of a key in a window of event time, or a part of them where they are many.
 *
 * @param key the key
 * @param start when the window begins, in milliseconds since 1970
 * @param end when it ends, exclusive
 * @param part number of the part, from 0
 * @param records in the order they came; at least one
 */
public record TextWindow<K, T>(K key, long start, long end, int part, List<T> records) {

    static final String BETWEEN = "\n\n";

    /** Without a copy of the list, which Flink reads into. */
    public TextWindow {}

    /** The texts of the records, one below the other; those without are left out. */
    public String text(TextFunction<T> function) throws Exception {
        List<String> texts = new ArrayList<>(records.size());
        for (T record : records) {
            String text = function.text(record);
            if (text != null && !text.isBlank()) {
                texts.add(text.strip());
            }
        }
        return String.join(BETWEEN, texts);
    }

    /** What Flink serializes such windows with. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // a class literal has no type arguments
    public static <K, T> TypeInformation<TextWindow<K, T>> typeInformation(
            TypeInformation<K> key, TypeInformation<T> record) {
        Class<TextWindow<K, T>> type = (Class) TextWindow.class;
        return Types.POJO(
                type,
                Map.of(
                        "key", key,
                        "start", Types.LONG,
                        "end", Types.LONG,
                        "part", Types.INT,
                        "records", Types.LIST(record)));
    }
}
