package io.headrace.inference.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.Output;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * The form that an answer shall have: a JSON object under a schema, or text.
 *
 * @param schema the object's schema, without keywords of our own; empty for text
 * @param wrapped whether the value wanted is the member {@code value} of that object, since APIs
 *     take schemas of objects only
 * @param maxTokens the most tokens of the answer
 */
record AnswerForm(Optional<ObjectNode> schema, boolean wrapped, int maxTokens) {

    static final String LABEL = "label";
    static final String VALUE = "value";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Braces, key and quotes around a label. */
    private static final int LABEL_FRAME_TOKENS = 32;

    private static final Set<String> BOUNDS =
            Set.of(
                    "maxLength",
                    "minLength",
                    "pattern",
                    "format",
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "multipleOf",
                    "minItems",
                    "maxItems",
                    "uniqueItems");

    static AnswerForm of(Output output) {
        if (output instanceof Output.Labels labels) {
            int longest =
                    labels.labels().stream()
                            .mapToInt(label -> label.getBytes(StandardCharsets.UTF_8).length)
                            .max()
                            .orElseThrow();
            return new AnswerForm(
                    Optional.of(labelSchema(labels)), false, LABEL_FRAME_TOKENS + longest);
        }
        if (output instanceof Output.Json json) {
            JsonNode schema = parsed(json.schema());
            boolean wrapped = !schema.path("type").asText().equals("object");
            ObjectNode object = wrapped ? objectOf(VALUE, schema) : schema.deepCopy();
            removeOwnKeywords(object);
            return new AnswerForm(Optional.of(object), wrapped, json.maxTokens());
        }
        return new AnswerForm(Optional.empty(), false, ((Output.Text) output).maxTokens());
    }

    private static JsonNode parsed(String schema) {
        try {
            return JSON.readTree(schema);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the schema is not JSON", e);
        }
    }

    private static ObjectNode labelSchema(Output.Labels labels) {
        ObjectNode label = NODES.objectNode().put("type", "string");
        ArrayNode values = label.putArray("enum");
        labels.labels().forEach(values::add);
        return objectOf(LABEL, label);
    }

    private static ObjectNode objectOf(String key, JsonNode member) {
        ObjectNode object = NODES.objectNode().put("type", "object");
        object.putObject("properties").set(key, member.deepCopy());
        object.putArray("required").add(key);
        return object.put("additionalProperties", false);
    }

    private static void removeOwnKeywords(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().removeIf(member -> member.getKey().startsWith("x-headrace-"));
        }
        node.forEach(AnswerForm::removeOwnKeywords);
    }

    /** The schema as a server gets it. */
    ObjectNode schema(Features.Structure structure) {
        ObjectNode copy = schema.orElseThrow().deepCopy();
        if (structure != Features.Structure.SCHEMA) {
            removeBounds(copy);
        }
        return copy;
    }

    private static void removeBounds(JsonNode node) {
        if (node instanceof ObjectNode object) {
            // A key of this name below "properties" is a field, and has an object as its value.
            object.properties()
                    .removeIf(
                            member ->
                                    BOUNDS.contains(member.getKey())
                                            && !member.getValue().isObject());
        }
        node.forEach(AnswerForm::removeBounds);
    }

    /** What the prompt says of the form; empty for text. */
    String instruction() {
        return schema.map(
                        object ->
                                "\n\nAnswer with nothing but one JSON object that fits this JSON"
                                        + " Schema: "
                                        + object)
                .orElse("");
    }
}
