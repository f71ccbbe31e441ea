package io.headrace.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** The form of a classification whose labels are an enum of its own task, not strings. */
public final class ClassificationSchema {

    private static final List<String> LABEL_FIELDS = List.of("label", "runnerUp");

    private ClassificationSchema() {}

    /**
     * Derives the schema of a task's classifications.
     *
     * @throws SchemaDerivationException if a label can be no symbol of an enum
     */
    public static Schema withEnum(String task, List<String> labels) {
        String name = typeName(task);
        Schema symbols = enumOf(task, name + "Label", labels);
        Schema plain = HeadraceSchemas.CLASSIFICATION;
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : plain.getFields()) {
            Schema type = field.schema();
            if (LABEL_FIELDS.contains(field.name())) {
                type = type.isUnion() ? nullable(symbols) : symbols;
            }
            fields.add(new Schema.Field(field, type));
        }
        return Schema.createRecord(
                name + plain.getName(), plain.getDoc(), plain.getNamespace(), false, fields);
    }

    /** Puts a classification with strings into the form with an enum. */
    public static GenericRecord toEnum(GenericRecord plain, Schema schema) {
        GenericRecord record = new GenericData.Record(schema);
        Schema symbols = schema.getField("label").schema();
        for (Schema.Field field : schema.getFields()) {
            Object value = plain.get(field.pos());
            record.put(
                    field.pos(),
                    value != null && LABEL_FIELDS.contains(field.name())
                            ? new GenericData.EnumSymbol(symbols, value.toString())
                            : value);
        }
        return record;
    }

    private static Schema enumOf(String task, String name, List<String> labels) {
        try {
            return Schema.createEnum(
                    name,
                    "A label of task " + task + ".",
                    HeadraceSchemas.CLASSIFICATION.getNamespace(),
                    labels);
        } catch (AvroRuntimeException e) {
            throw new SchemaDerivationException(
                    "task '"
                            + task
                            + "': its labels cannot be an enum in Avro ("
                            + e.getMessage()
                            + "); use letters, digits and underscores in them, or strings in the"
                            + " output");
        }
    }

    private static String typeName(String task) {
        return task.substring(0, 1).toUpperCase(Locale.ROOT) + task.substring(1);
    }

    private static Schema nullable(Schema schema) {
        return Schema.createUnion(Schema.create(Schema.Type.NULL), schema);
    }
}
