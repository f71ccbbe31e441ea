package io.headrace.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;

/**
 * Finds the Avro schema that given JSON values fit.
 *
 * <p>Whole numbers are longs, other numbers doubles, objects records named after their path. A
 * member that is null or absent somewhere is a union with null; values of several kinds are a union
 * of those kinds.
 */
final class JsonInference {

    private static final String ROOT_NAME = "Json";

    private JsonInference() {}

    /** Throws where a member's name can be no field's name in Avro. */
    static Schema schemaOf(ObjectNode object) throws RecordFormatException {
        return record(List.of(object), ROOT_NAME);
    }

    private static Schema record(List<JsonNode> objects, String name) throws RecordFormatException {
        Map<String, List<JsonNode>> members = new LinkedHashMap<>();
        for (JsonNode object : objects) {
            for (Map.Entry<String, JsonNode> member : object.properties()) {
                members.computeIfAbsent(member.getKey(), it -> new ArrayList<>())
                        .add(member.getValue());
            }
        }
        List<Schema.Field> fields = new ArrayList<>();
        for (Map.Entry<String, List<JsonNode>> member : members.entrySet()) {
            boolean absentSomewhere = member.getValue().size() < objects.size();
            fields.add(field(member.getKey(), member.getValue(), absentSomewhere, name));
        }
        return Schema.createRecord(name, null, null, false, fields);
    }

    private static Schema.Field field(
            String name, List<JsonNode> values, boolean absentSomewhere, String parent)
            throws RecordFormatException {
        try {
            return new Schema.Field(name, type(values, absentSomewhere, parent + "_" + name));
        } catch (SchemaParseException e) {
            throw new RecordFormatException(
                    "The JSON member %s can be no field in Avro: %s"
                            .formatted(name, e.getMessage()),
                    e);
        }
    }

    private static Schema type(List<JsonNode> values, boolean nullable, String path)
            throws RecordFormatException {
        Map<Schema.Type, List<JsonNode>> kinds = new LinkedHashMap<>();
        if (nullable || values.stream().anyMatch(JsonNode::isNull)) {
            kinds.put(Schema.Type.NULL, new ArrayList<>());
        }
        for (JsonNode value : values) {
            kinds.computeIfAbsent(kindOf(value), it -> new ArrayList<>()).add(value);
        }
        if (kinds.containsKey(Schema.Type.DOUBLE)) {
            kinds.remove(Schema.Type.LONG);
        }
        List<Schema> types = new ArrayList<>();
        for (Map.Entry<Schema.Type, List<JsonNode>> kind : kinds.entrySet()) {
            types.add(typeOfKind(kind.getKey(), kind.getValue(), path));
        }
        return types.size() == 1 ? types.get(0) : Schema.createUnion(types);
    }

    private static Schema typeOfKind(Schema.Type kind, List<JsonNode> values, String path)
            throws RecordFormatException {
        if (kind == Schema.Type.RECORD) {
            return record(values, path);
        }
        if (kind == Schema.Type.ARRAY) {
            List<JsonNode> elements = new ArrayList<>();
            values.forEach(array -> array.forEach(elements::add));
            return Schema.createArray(
                    elements.isEmpty()
                            ? Schema.create(Schema.Type.NULL)
                            : type(elements, false, path + "_item"));
        }
        return Schema.create(kind);
    }

    private static Schema.Type kindOf(JsonNode value) {
        if (value instanceof ObjectNode) {
            return Schema.Type.RECORD;
        }
        if (value instanceof ArrayNode) {
            return Schema.Type.ARRAY;
        }
        if (value.isTextual()) {
            return Schema.Type.STRING;
        }
        if (value.isBoolean()) {
            return Schema.Type.BOOLEAN;
        }
        if (value.isNull()) {
            return Schema.Type.NULL;
        }
        return value.isIntegralNumber() && value.canConvertToLong()
                ? Schema.Type.LONG
                : Schema.Type.DOUBLE;
    }
}
