package io.headrace.jobs.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The rows of a JSON-lines file. */
final class LabelledRows {

    private final Path file;
    private final List<JsonNode> rows;

    private LabelledRows(Path file, List<JsonNode> rows) {
        this.file = file;
        this.rows = rows;
    }

    /**
     * Reads a file; empty lines are passed over.
     *
     * @throws EvalException if it cannot be read, or a line is no JSON object
     */
    static LabelledRows read(Path file) {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> rows = new ArrayList<>();
        try {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank()) {
                    rows.add(row(json, file, number, line));
                }
            }
        } catch (IOException e) {
            throw new EvalException(
                    "cannot read "
                            + file
                            + (Files.exists(file)
                                    ? ": " + e.getMessage()
                                    : ": there is no such file"));
        }
        if (rows.isEmpty()) {
            throw new EvalException(file + " holds no rows");
        }
        return new LabelledRows(file, rows);
    }

    private static JsonNode row(ObjectMapper json, Path file, int number, String line) {
        try {
            JsonNode row = json.readTree(line);
            if (row.isObject()) {
                return row;
            }
        } catch (JsonProcessingException e) {
            throw new EvalException(file + ":" + number + " is no JSON: " + e.getOriginalMessage());
        }
        throw new EvalException(file + ":" + number + " is no JSON object");
    }

    int size() {
        return rows.size();
    }

    JsonNode row(int index) {
        return rows.get(index);
    }

    /**
     * A field of a row.
     *
     * @throws EvalException if the row has it not
     */
    JsonNode field(int index, String name) {
        JsonNode value = rows.get(index).get(name);
        if (value == null) {
            TreeSet<String> names = new TreeSet<>();
            rows.get(index).fieldNames().forEachRemaining(names::add);
            throw new EvalException(
                    file
                            + ": row "
                            + (index + 1)
                            + " has no field '"
                            + name
                            + "'; it has "
                            + names);
        }
        return value;
    }
}
