package io.headrace.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Puts plain JSON into the fields of an Avro schema. Bytes are base64; a field that is absent takes
 * its default, or null where it may; a union takes the first branch that fits. A value that fits
 * nowhere is named by its path.
 */
final class JsonToAvro {

    private JsonToAvro() {}

    static GenericRecord record(ObjectNode object, Schema schema) throws RecordFormatException {
        if (schema.getType() != Schema.Type.RECORD) {
            throw new RecordFormatException(
                    "JSON is read into a record, not a " + schema.getType());
        }
        return record(object, schema, "");
    }

    private static GenericRecord record(JsonNode object, Schema schema, String path)
            throws RecordFormatException {
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            String place = path.isEmpty() ? field.name() : path + "." + field.name();
            JsonNode member = object.get(field.name());
            record.put(
                    field.pos(),
                    member == null ? absent(field, place) : value(member, field.schema(), place));
        }
        return record;
    }

    private static Object absent(Schema.Field field, String path) throws RecordFormatException {
        if (field.hasDefaultValue()) {
            return GenericData.get().getDefaultValue(field);
        }
        if (field.schema().isNullable()) {
            return null;
        }
        throw new RecordFormatException(
                "The JSON has no member %s, which the schema requires.".formatted(path));
    }

    private static Object value(JsonNode node, Schema schema, String path)
            throws RecordFormatException {
        return switch (schema.getType()) {
            case UNION -> union(node, schema, path);
            case RECORD -> record(require(node.isObject(), node, "object", path), schema, path);
            case MAP -> map(require(node.isObject(), node, "object", path), schema, path);
            case ARRAY -> array(require(node.isArray(), node, "array", path), schema, path);
            default -> JsonScalar.of(node, schema, path);
        };
    }

    private static Object union(JsonNode node, Schema union, String path)
            throws RecordFormatException {
        RecordFormatException last = null;
        for (Schema branch : union.getTypes()) {
            if ((branch.getType() == Schema.Type.NULL) != node.isNull()) {
                continue;
            }
            try {
                return value(node, branch, path);
            } catch (RecordFormatException e) {
                last = e;
            }
        }
        boolean oneCandidate = union.getTypes().size() == (union.isNullable() ? 2 : 1);
        throw last != null && oneCandidate
                ? last
                : JsonScalar.misfit(node, "value of any type that the schema allows", path);
    }

    private static List<Object> array(JsonNode node, Schema schema, String path)
            throws RecordFormatException {
        List<Object> elements = new GenericData.Array<>(node.size(), schema);
        for (JsonNode element : node) {
            elements.add(
                    value(element, schema.getElementType(), path + "[" + elements.size() + "]"));
        }
        return elements;
    }

    private static Map<String, Object> map(JsonNode node, Schema schema, String path)
            throws RecordFormatException {
        Map<String, Object> values = new HashMap<>();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            String place = path + "." + member.getKey();
            values.put(member.getKey(), value(member.getValue(), schema.getValueType(), place));
        }
        return values;
    }

    private static JsonNode require(boolean fits, JsonNode node, String expected, String path)
            throws RecordFormatException {
        if (!fits) {
            throw JsonScalar.misfit(node, expected, path);
        }
        return node;
    }
}
