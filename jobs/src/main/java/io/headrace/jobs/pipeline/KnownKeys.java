package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.headrace.connectors.NearestName;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Refuses keys that the pipeline's records have not, and texts that say nothing, before anything is
 * bound: a slip in a key is then told as that, and not as the lack of the key that was meant.
 */
final class KnownKeys {

    private final Path file;
    private final JsonParser parser;

    private KnownKeys(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /** Reads the parser to its end. */
    static void check(Path file, JsonParser parser, Class<? extends Record> root)
            throws IOException {
        parser.nextToken();
        new KnownKeys(file, parser).value(root, "");
    }

    private void value(Type type, String path) throws IOException {
        if (parser.currentToken() == JsonToken.START_ARRAY
                && type instanceof ParameterizedType list
                && list.getRawType() == List.class) {
            for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                value(list.getActualTypeArguments()[0], path + "[" + i + "]");
            }
        } else if (parser.currentToken() == JsonToken.START_OBJECT
                && type instanceof ParameterizedType map
                && map.getRawType() == Map.class) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                parser.nextToken();
                value(map.getActualTypeArguments()[1], path + "." + key);
            }
        } else if (parser.currentToken() == JsonToken.START_OBJECT
                && type instanceof Class<?> section
                && section.isRecord()) {
            object(section, path);
        } else {
            parser.skipChildren();
        }
    }

    private void object(Class<?> section, String path) throws IOException {
        Map<String, Type> known = new TreeMap<>();
        Arrays.stream(section.getRecordComponents())
                .forEach((RecordComponent c) -> known.put(c.getName(), c.getGenericType()));
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            if (!known.containsKey(key)) {
                throw unknown(key, path, known);
            }
            parser.nextToken();
            String whole = path.isEmpty() ? key : path + "." + key;
            requireText(known.get(key), whole);
            value(known.get(key), whole);
        }
    }

    /** A key that says nothing would have its default, or a meaning that nobody guesses. */
    private void requireText(Type type, String key) throws IOException {
        if (type == String.class
                && parser.currentToken() == JsonToken.VALUE_STRING
                && parser.getText().isBlank()) {
            throw new PipelineFileException(
                    file
                            + ":"
                            + parser.currentTokenLocation().getLineNr()
                            + ": wrong value '"
                            + parser.getText()
                            + "' for '"
                            + key
                            + "': expected a text; leave the key out to have its default");
        }
    }

    private PipelineFileException unknown(String key, String path, Map<String, Type> known) {
        return new PipelineFileException(
                file
                        + ":"
                        + parser.currentTokenLocation().getLineNr()
                        + ": unknown key '"
                        + key
                        + "'"
                        + (path.isEmpty() ? "" : " in " + path)
                        + "; "
                        + NearestName.of(key, known.keySet())
                                .map(name -> "did you mean '" + name + "'? ")
                                .orElse("")
                        + "Valid keys: "
                        + String.join(", ", known.keySet()));
    }
}
