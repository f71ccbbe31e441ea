package io.headrace.inference.remote.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Makes a value that fits a JSON Schema of the kind that tasks send. */
final class SchemaSample {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private SchemaSample() {}

    static JsonNode of(JsonNode schema) {
        if (schema.has("enum")) {
            return schema.get("enum").get(0);
        }
        if (schema.has("anyOf")) {
            return of(schema.get("anyOf").get(0));
        }
        return switch (schema.path("type").asText()) {
            case "object" -> {
                ObjectNode object = NODES.objectNode();
                schema.path("properties")
                        .properties()
                        .forEach(member -> object.set(member.getKey(), of(member.getValue())));
                yield object;
            }
            case "array" -> NODES.arrayNode();
            case "string" -> NODES.textNode("text");
            case "integer", "number" -> NODES.numberNode(1);
            case "boolean" -> NODES.booleanNode(true);
            default -> NODES.nullNode();
        };
    }
}
