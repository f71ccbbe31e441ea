package io.headrace.jobs.watch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.headrace.jobs.pipeline.KnownSecrets;
import java.util.Map;

/**
 * Takes from one record what fits on a page: secrets are hidden, long texts cut, and what a large
 * record has more than that is left out. Used by one thread.
 */
final class Excerpt {

    private static final int LONGEST_TEXT = 4_000;
    private static final int ALL_TEXTS = 40_000;

    /** What a value costs besides its characters, so that a million numbers end as well. */
    private static final int VALUE = 8;

    private static final String MORE = "…";

    private final KnownSecrets secrets;
    private int left = ALL_TEXTS;

    Excerpt(KnownSecrets secrets) {
        this.secrets = secrets;
    }

    String text(String text) {
        // Before the cut, which might go through a secret.
        String hidden = secrets.hide(text);
        int most = Math.max(0, Math.min(LONGEST_TEXT, left));
        left -= VALUE + Math.min(hidden.length(), most);
        return hidden.length() <= most
                ? hidden
                : hidden.substring(0, most) + MORE + " (" + text.length() + " characters)";
    }

    JsonNode value(JsonNode value) {
        if (value instanceof ObjectNode object) {
            return fields(object);
        }
        if (value instanceof ArrayNode array) {
            ArrayNode items = JsonNodeFactory.instance.arrayNode();
            for (JsonNode item : array) {
                if (left <= 0) {
                    items.add(MORE);
                    break;
                }
                items.add(value(item));
            }
            return items;
        }
        if (value.isTextual()) {
            return TextNode.valueOf(text(value.textValue()));
        }
        left -= VALUE;
        return value;
    }

    private ObjectNode fields(ObjectNode object) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            if (left <= 0) {
                fields.put(MORE, MORE);
                break;
            }
            fields.set(text(entry.getKey()), value(entry.getValue()));
        }
        return fields;
    }
}
