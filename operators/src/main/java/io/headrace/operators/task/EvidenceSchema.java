package io.headrace.operators.task;

import io.headrace.schemas.HeadraceSchemas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;

/**
 * Adds a field {@code evidence} to the schema of an extraction. It mirrors the record: a nullable
 * span for each plain value, a record named {@code …Evidence} for each record, an array for each
 * array.
 */
final class EvidenceSchema {

    static final String FIELD = "evidence";

    private static final String SUFFIX = "Evidence";

    private final Set<String> taken = new HashSet<>();
    private final Map<String, Schema> mirrors = new HashMap<>();

    private EvidenceSchema() {}

    /**
     * The record with its evidence.
     *
     * @throws IllegalArgumentException if the record has such a field already, a type bears the
     *     name of a mirror, or a union has several records
     */
    static Schema with(Schema target) {
        if (target.getField(FIELD) != null) {
            throw new IllegalArgumentException(
                    "the schema has a field 'evidence' already; rename it, or leave evidence out");
        }
        EvidenceSchema evidence = new EvidenceSchema();
        evidence.take(target);
        List<Schema.Field> fields = new ArrayList<>();
        target.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        fields.add(
                new Schema.Field(
                        FIELD,
                        nullable(evidence.mirror(target)),
                        "Where in the text the values stand.",
                        JsonProperties.NULL_VALUE));
        Schema with =
                Schema.createRecord(
                        target.getName(), target.getDoc(), target.getNamespace(), false, fields);
        with.addAllProps(target);
        return with;
    }

    private void take(Schema schema) {
        switch (schema.getType()) {
            case RECORD -> {
                taken.add(schema.getFullName());
                schema.getFields().forEach(field -> take(field.schema()));
            }
            case ENUM, FIXED -> taken.add(schema.getFullName());
            case ARRAY -> take(schema.getElementType());
            case UNION -> schema.getTypes().forEach(this::take);
            default -> {
                // Has no name.
            }
        }
    }

    private Schema mirror(Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> {
                Schema known = mirrors.get(schema.getFullName());
                yield known == null ? record(schema) : known;
            }
            case ARRAY -> Schema.createArray(nullable(mirror(schema.getElementType())));
            case UNION -> union(schema);
            default -> HeadraceSchemas.SPAN;
        };
    }

    private Schema record(Schema schema) {
        String name = schema.getName() + SUFFIX;
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : schema.getFields()) {
            fields.add(
                    new Schema.Field(
                            field.name(),
                            nullable(mirror(field.schema())),
                            null,
                            JsonProperties.NULL_VALUE));
        }
        Schema mirror =
                Schema.createRecord(
                        name,
                        "Where in the text the values of " + schema.getName() + " stand.",
                        schema.getNamespace(),
                        false,
                        fields);
        if (taken.contains(mirror.getFullName())) {
            throw new IllegalArgumentException(
                    "the schema has a type "
                            + mirror.getFullName()
                            + ", which is the name of evidence; rename it, or leave evidence out");
        }
        mirrors.put(schema.getFullName(), mirror);
        return mirror;
    }

    private Schema union(Schema union) {
        List<Schema> branches = AvroTypes.branches(union);
        if (branches.stream().filter(it -> it.getType() == Schema.Type.RECORD).count() > 1) {
            throw new IllegalArgumentException(
                    "a union of several records cannot have evidence: " + union);
        }
        List<Schema> different = branches.stream().map(this::mirror).distinct().toList();
        return different.size() == 1 ? different.get(0) : Schema.createUnion(different);
    }

    private static Schema nullable(Schema schema) {
        List<Schema> branches = new ArrayList<>(List.of(Schema.create(Schema.Type.NULL)));
        branches.addAll(AvroTypes.branches(schema));
        return Schema.createUnion(branches);
    }
}
