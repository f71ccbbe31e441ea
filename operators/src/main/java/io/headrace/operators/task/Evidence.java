package io.headrace.operators.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.Schema;

/**
 * Finds where in a text extracted values stand, in the form that {@link EvidenceSchema} describes.
 *
 * <p>A value stands where the first of its {@link Spellings} does; where none does it was not
 * copied, and its evidence is null. Of equal places the first counts, but items of an array are
 * looked for behind the item before them first. Spans count code points, as SQL and Python do; in
 * Java {@code offsetByCodePoints} makes indexes of them.
 */
final class Evidence {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final String text;

    /** The end of the last span that was found. */
    private int furthest;

    private Evidence(String text) {
        this.text = text;
    }

    /** The JSON of a record, which converts to its schema, with the field of the evidence. */
    static String addedTo(String json, Schema schema, String text) {
        try {
            ObjectNode record = (ObjectNode) JsonToAvro.JSON.readTree(json);
            record.set(EvidenceSchema.FIELD, new Evidence(text).of(record, schema, 0));
            return JsonToAvro.JSON.writeValueAsString(record);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the JSON was read before", e);
        }
    }

    private JsonNode of(JsonNode value, Schema schema, int from) {
        if (value == null || value.isNull()) {
            return NullNode.instance;
        }
        if (value.isObject()) {
            return record(value, branch(schema, Schema.Type.RECORD), from);
        }
        if (value.isArray()) {
            return array(value, branch(schema, Schema.Type.ARRAY).getElementType(), from);
        }
        for (Schema type : AvroTypes.branches(schema)) {
            for (Pattern spelling : Spellings.of(value, type)) {
                Matcher matcher = spelling.matcher(text);
                if (matcher.find(from) || matcher.find(0)) {
                    return span(matcher.start(), matcher.end());
                }
            }
        }
        return NullNode.instance;
    }

    private static Schema branch(Schema schema, Schema.Type type) {
        return AvroTypes.branches(schema).stream()
                .filter(branch -> branch.getType() == type)
                .findFirst()
                .orElseThrow();
    }

    private ObjectNode record(JsonNode value, Schema schema, int from) {
        ObjectNode fields = NODES.objectNode();
        for (Schema.Field field : schema.getFields()) {
            fields.set(field.name(), of(value.get(field.name()), field.schema(), from));
        }
        return fields;
    }

    private ArrayNode array(JsonNode value, Schema element, int from) {
        ArrayNode items = NODES.arrayNode();
        furthest = from;
        for (JsonNode item : value) {
            items.add(of(item, element, furthest));
        }
        return items;
    }

    private ObjectNode span(int start, int end) {
        furthest = end;
        int first = text.codePointCount(0, start);
        return NODES.objectNode()
                .put("start", first)
                .put("end", first + text.codePointCount(start, end));
    }
}
