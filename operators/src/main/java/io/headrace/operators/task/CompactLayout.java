package io.headrace.operators.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The layout of answers in which a record is the array of its values, in the order of its fields:
 * the names, which every answer would repeat, are much of a usual answer.
 */
final class CompactLayout {

    private CompactLayout() {}

    /** Whether there is anything to leave the names out of. */
    static boolean hasValues(Schema record) {
        return !record.getFields().isEmpty();
    }

    /**
     * Whether a record in this union needs no names to be told from the other types. Where it does,
     * it and all in it keep their names.
     */
    static boolean tellsByValue(Schema union) {
        return AvroTypes.branches(union).size() <= 1;
    }

    /**
     * Gives the values of an answer their names.
     *
     * @param json an answer in the compact layout of the schema
     * @throws ResultConversionException if it is no JSON, or a record has other than its values
     */
    static String named(String json, Schema schema) {
        return named(JsonToAvro.parse(json), schema).toString();
    }

    private static JsonNode named(JsonNode node, Schema schema) {
        return switch (schema.getType()) {
            case UNION -> {
                List<Schema> branches = AvroTypes.branches(schema);
                yield tellsByValue(schema) && !node.isNull() && !branches.isEmpty()
                        ? named(node, branches.get(0))
                        : node;
            }
            case ARRAY -> {
                ArrayNode items = JsonNodeFactory.instance.arrayNode();
                node.forEach(item -> items.add(named(item, schema.getElementType())));
                yield node.isArray() ? items : node;
            }
            case RECORD -> hasValues(schema) ? record(node, schema) : node;
            default -> node;
        };
    }

    private static JsonNode record(JsonNode node, Schema schema) {
        List<Schema.Field> fields = schema.getFields();
        if (!node.isArray() || node.size() != fields.size()) {
            throw new ResultConversionException(
                    schema.getName()
                            + ": "
                            + fields.size()
                            + " values were expected in an array, not "
                            + node);
        }
        ObjectNode record = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < fields.size(); i++) {
            record.set(fields.get(i).name(), named(node.get(i), fields.get(i).schema()));
        }
        return record;
    }
}
