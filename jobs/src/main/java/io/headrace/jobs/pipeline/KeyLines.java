package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** The lines that the keys of a text in YAML stand in. */
final class KeyLines {

    private final Map<String, Integer> lines = new HashMap<>();

    private KeyLines() {}

    static KeyLines of(String yaml) throws IOException {
        KeyLines keys = new KeyLines();
        try (JsonParser parser = new YAMLFactory().createParser(yaml)) {
            while (parser.nextToken() != null) {
                keys.lines.putIfAbsent(
                        parser.getParsingContext().pathAsPointer().toString(),
                        parser.currentTokenLocation().getLineNr());
            }
        }
        return keys;
    }

    /**
     * The line of a key, or of the nearest section around it that is there.
     *
     * @param key for instance {@code tasks[0].name}
     */
    OptionalInt line(String key) {
        String pointer = "/" + key.replace("]", "").replace('[', '.').replace('.', '/');
        while (pointer.length() > 1) {
            if (lines.containsKey(pointer)) {
                return OptionalInt.of(lines.get(pointer));
            }
            pointer = pointer.substring(0, pointer.lastIndexOf('/'));
        }
        return OptionalInt.empty();
    }
}
