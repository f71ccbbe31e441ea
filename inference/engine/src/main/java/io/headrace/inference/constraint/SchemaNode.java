package io.headrace.inference.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * A schema and its place in the document, with readers for its keywords that refuse what is
 * malformed.
 */
record SchemaNode(JsonNode json, String pointer) {

    /** Keywords that do not restrict values. */
    private static final Set<String> ANNOTATIONS =
            Set.of(
                    "title",
                    "description",
                    "default",
                    "examples",
                    "deprecated",
                    "readOnly",
                    "writeOnly",
                    "$comment",
                    "$schema",
                    "$id",
                    "$defs",
                    "definitions");

    static final String SPAN_KEYWORD = "x-headrace-span";

    private static final String OWN_PREFIX = "x-headrace-";

    static SchemaNode of(JsonNode json, String pointer) {
        SchemaNode node = new SchemaNode(json, pointer);
        if (!json.isObject()) {
            throw node.unsupported("a schema must be an object here, not " + json);
        }
        return node;
    }

    UnsupportedSchemaException unsupported(String problem) {
        return new UnsupportedSchemaException(pointer, problem);
    }

    /** Refuses a keyword; its own place is named. */
    UnsupportedSchemaException unsupported(String keyword, String problem) {
        return new UnsupportedSchemaException(pointer + "/" + escape(keyword), problem);
    }

    boolean has(String keyword) {
        return json.has(keyword);
    }

    JsonNode get(String keyword) {
        return json.get(keyword);
    }

    SchemaNode child(String keyword) {
        return of(json.get(keyword), pointer + "/" + escape(keyword));
    }

    SchemaNode child(String keyword, String name) {
        return of(
                json.get(keyword).get(name), pointer + "/" + escape(keyword) + "/" + escape(name));
    }

    List<SchemaNode> children(String keyword) {
        JsonNode array = json.get(keyword);
        if (!array.isArray() || array.isEmpty()) {
            throw unsupported(keyword, "\"" + keyword + "\" must be an array of schemas");
        }
        List<SchemaNode> children = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            children.add(of(array.get(i), pointer + "/" + keyword + "/" + i));
        }
        return children;
    }

    /** Refuses each keyword that neither is in the set nor restricts nothing. */
    void allowOnly(Set<String> keywords, String context) {
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            boolean foreign = name.startsWith("x-") && !name.startsWith(OWN_PREFIX);
            if (!keywords.contains(name) && !ANNOTATIONS.contains(name) && !foreign) {
                throw unsupported(
                        name,
                        "the keyword \""
                                + name
                                + "\" is not supported "
                                + context
                                + "; supported there: "
                                + String.join(", ", keywords.stream().sorted().toList()));
            }
        }
    }

    int count(String keyword, int otherwise) {
        JsonNode value = json.get(keyword);
        if (value == null) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
            throw unsupported(keyword, "\"" + keyword + "\" must be a whole number from 0");
        }
        return value.intValue();
    }

    /** Null when the keyword is absent. */
    BigDecimal number(String keyword) {
        JsonNode value = json.get(keyword);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            throw unsupported(
                    keyword, "\"" + keyword + "\" must be a number (as in JSON Schema 2020-12)");
        }
        BigDecimal number = value.decimalValue();
        if (Math.abs((long) number.precision() - number.scale()) > 200
                || Math.abs((long) number.scale()) > 200) {
            throw unsupported(keyword, "numbers of more than 200 digits are not supported");
        }
        return number.signum() == 0 ? BigDecimal.ZERO : number;
    }

    String text(String keyword) {
        JsonNode value = json.get(keyword);
        if (!value.isTextual()) {
            throw unsupported(keyword, "\"" + keyword + "\" must be a string");
        }
        return value.textValue();
    }

    boolean flag(String keyword) {
        JsonNode value = json.get(keyword);
        if (value != null && !value.isBoolean()) {
            throw unsupported(keyword, "\"" + keyword + "\" must be true or false");
        }
        return value != null && value.booleanValue();
    }

    private static String escape(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
