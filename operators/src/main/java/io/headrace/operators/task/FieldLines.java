package io.headrace.operators.task;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalType;
import org.apache.avro.Schema;

/** The lines that describe the fields of an Avro record to the model, one for each leaf. */
final class FieldLines {

    private FieldLines() {}

    static List<String> of(Schema record) {
        List<String> lines = new ArrayList<>();
        add(lines, "", record);
        return lines;
    }

    private static void add(List<String> lines, String prefix, Schema record) {
        for (Schema.Field field : record.getFields()) {
            Schema type = AvroTypes.withoutNull(field.schema());
            String path = prefix + field.name();
            if (type.getType() == Schema.Type.RECORD) {
                add(lines, path + ".", type);
            } else {
                String doc = field.doc() == null || field.doc().isBlank() ? "" : ": " + field.doc();
                lines.add(path + " (" + typeName(type) + ")" + doc);
            }
        }
    }

    private static String typeName(Schema type) {
        LogicalType logical = type.getLogicalType();
        if (logical != null) {
            return switch (logical.getName()) {
                case "date" -> "date";
                case "time-millis", "time-micros" -> "time";
                case "timestamp-millis", "timestamp-micros" -> "date and time";
                case "decimal" -> "number";
                default -> logical.getName();
            };
        }
        return switch (type.getType()) {
            case INT, LONG -> "integer";
            case FLOAT, DOUBLE -> "number";
            case BOOLEAN -> "boolean";
            case ENUM -> "one of " + String.join(", ", type.getEnumSymbols());
            case ARRAY -> "array of " + arrayElement(type.getElementType());
            default -> "string";
        };
    }

    private static String arrayElement(Schema element) {
        Schema type = AvroTypes.withoutNull(element);
        return type.getType() == Schema.Type.RECORD
                ? "{" + String.join(", ", of(type)) + "}"
                : typeName(type);
    }
}
