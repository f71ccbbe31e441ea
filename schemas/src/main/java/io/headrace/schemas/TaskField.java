package io.headrace.schemas;

import java.util.Objects;
import org.apache.avro.Schema;

/**
 * The field that a task adds to the enriched schema.
 *
 * @param name name of the field, which is the task's
 * @param schema schema of the result when there is one; the field itself is a union of null with it
 * @param doc documentation of the field
 */
public record TaskField(String name, Schema schema, String doc) {

    public TaskField {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(doc, "doc");
    }
}
