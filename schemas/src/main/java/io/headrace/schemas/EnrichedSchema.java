package io.headrace.schemas;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;

/**
 * Derives the schema of enriched records: the fields of the input record, then one nullable field
 * for each task, then {@code provenance}.
 *
 * <p>The record is named after the input record with {@code Enriched} appended, in its namespace.
 * Every added field has a default, so that an output schema stays compatible when tasks are added.
 */
public final class EnrichedSchema {

    /** Name of the field that says what made the results. */
    public static final String PROVENANCE_FIELD = "provenance";

    private static final String SUFFIX = "Enriched";

    private EnrichedSchema() {}

    /**
     * Derives the enriched schema.
     *
     * @throws SchemaDerivationException if the input is no record, a task bears the name of an
     *     input field, or a type is defined twice in different ways
     */
    public static Schema derive(Schema input, List<TaskField> tasks) {
        if (input.getType() != Schema.Type.RECORD) {
            throw new SchemaDerivationException(
                    "the input schema must be a record to be enriched, not " + input.getType());
        }
        List<Schema.Field> fields = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Schema.Field field : input.getFields()) {
            fields.add(new Schema.Field(field, field.schema()));
            names.add(field.name());
        }
        for (TaskField task : tasks) {
            requireFree(names, task.name(), "task", input);
            fields.add(
                    new Schema.Field(
                            checkedName(task.name()),
                            nullable(task.schema()),
                            task.doc(),
                            JsonProperties.NULL_VALUE));
        }
        requireFree(names, PROVENANCE_FIELD, "field", input);
        fields.add(
                new Schema.Field(
                        PROVENANCE_FIELD,
                        nullable(HeadraceSchemas.PROVENANCE),
                        "What made these results.",
                        JsonProperties.NULL_VALUE));
        Schema enriched =
                Schema.createRecord(
                        input.getName() + SUFFIX,
                        "Record " + input.getFullName() + " with the results of its tasks.",
                        input.getNamespace(),
                        false,
                        fields);
        requireOneDefinitionOfEachName(enriched, new HashMap<>());
        return enriched;
    }

    private static String checkedName(String name) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw new SchemaDerivationException(
                    "task name '"
                            + name
                            + "' cannot be an Avro field; use letters, digits and underscores,"
                            + " and begin with a letter");
        }
        return name;
    }

    private static void requireFree(Set<String> names, String name, String kind, Schema input) {
        if (!names.add(name)) {
            throw new SchemaDerivationException(
                    kind
                            + " '"
                            + name
                            + "' clashes with a field of the same name that is already in the"
                            + " enriched form of "
                            + input.getFullName()
                            + "; rename one of them");
        }
    }

    private static Schema nullable(Schema schema) {
        return Schema.createUnion(Schema.create(Schema.Type.NULL), schema);
    }

    /** Avro text can define a name once only; two definitions would fail or, worse, be merged. */
    private static void requireOneDefinitionOfEachName(Schema schema, Map<String, Schema> seen) {
        switch (schema.getType()) {
            case RECORD, ENUM, FIXED -> {
                Schema known = seen.put(schema.getFullName(), schema);
                if (known == null) {
                    if (schema.getType() == Schema.Type.RECORD) {
                        for (Schema.Field field : schema.getFields()) {
                            requireOneDefinitionOfEachName(field.schema(), seen);
                        }
                    }
                } else if (!same(known, schema)) {
                    throw new SchemaDerivationException(
                            "type "
                                    + schema.getFullName()
                                    + " is defined in two different ways by the input schema and"
                                    + " the tasks; give the task's type another name or namespace");
                }
            }
            case ARRAY -> requireOneDefinitionOfEachName(schema.getElementType(), seen);
            case MAP -> requireOneDefinitionOfEachName(schema.getValueType(), seen);
            case UNION -> {
                for (Schema branch : schema.getTypes()) {
                    requireOneDefinitionOfEachName(branch, seen);
                }
            }
            default -> {
                // Primitive types have no name.
            }
        }
    }

    private static boolean same(Schema left, Schema right) {
        try {
            return left.equals(right);
        } catch (AvroRuntimeException e) {
            return false;
        }
    }
}
