package io.headrace.inference.remote;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Checks that the strings which a schema marks as spans stand in the source text. No server knows
 * the mark.
 *
 * @param source the text
 */
record SpanCheck(String source) {

    static final String KEYWORD = "x-headrace-span";

    /**
     * Checks a value that fits the schema.
     *
     * @throws InvalidAnswerException if a string stands nowhere in the text
     */
    void require(JsonNode schema, JsonNode value) {
        if (!holds(schema, value)) {
            throw new InvalidAnswerException(
                    "a string of the answer does not stand in the text: "
                            + AnswerReader.brief(value.toString()));
        }
    }

    private boolean holds(JsonNode schema, JsonNode value) {
        if (schema.path(KEYWORD).asBoolean()) {
            return source.contains(value.asText());
        }
        if (schema.has("anyOf")) {
            for (JsonNode branch : schema.get("anyOf")) {
                if (isOfType(branch, value) && holds(branch, value)) {
                    return true;
                }
            }
            return false;
        }
        if (value.isObject()) {
            return value.properties().stream()
                    .allMatch(
                            member ->
                                    holds(
                                            schema.path("properties").path(member.getKey()),
                                            member.getValue()));
        }
        boolean all = true;
        for (JsonNode item : value) {
            all &= holds(schema.path("items"), item);
        }
        return all;
    }

    private static boolean isOfType(JsonNode schema, JsonNode value) {
        return switch (schema.path("type").asText()) {
            case "string" -> value.isTextual();
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "null" -> value.isNull();
            case "boolean" -> value.isBoolean();
            case "integer", "number" -> value.isNumber();
            default -> value.isTextual(); // an enum of texts
        };
    }
}
