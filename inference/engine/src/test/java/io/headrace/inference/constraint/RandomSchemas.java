package io.headrace.inference.constraint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Random;

/** Random schemas of what is supported. */
final class RandomSchemas {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String[] PATTERNS = {
        "^[A-Z]{2}\\d{2,6}$",
        "^(a|bc)*$",
        "x",
        "^\\S+ \\S+$",
        "^[^\\n\"]*$",
        "\\d{3}-\\d{4}",
        "^é+[日本]?$",
        "^(?:foo|bar|b\\\\z)$|^q",
        "^.{2,5}$",
        "^[\\s\\w]*end$"
    };
    private static final String[] FORMATS = {"date", "time", "date-time", "uuid", "email"};
    private static final String[] TEXTS = {
        "a",
        "ab",
        "abc",
        "card_arrival",
        "lost \"card\"",
        "naïve",
        "日本",
        "😀",
        "",
        "line\nbreak",
        "back\\slash"
    };

    private final Random random;
    private final boolean spans;
    private boolean defined;

    private RandomSchemas(Random random, boolean spans) {
        this.random = random;
        this.spans = spans;
    }

    /** A schema without spans. */
    static ObjectNode next(Random random) {
        return new RandomSchemas(random, false).root();
    }

    /** A schema in which some strings are spans. */
    static ObjectNode nextWithSpans(Random random) {
        return new RandomSchemas(random, true).root();
    }

    private ObjectNode root() {
        defined = random.nextInt(4) == 0;
        ObjectNode schema = random.nextInt(5) == 0 ? schema(3) : object(3);
        if (defined) {
            defined = false;
            ObjectNode definitions = schema.putObject("$defs");
            definitions.set("thing", schema(2));
            ObjectNode node = definitions.putObject("node");
            node.put("type", "object");
            ObjectNode properties = node.putObject("properties");
            properties.set("v", schema(1));
            properties.putObject("next").put("$ref", "#/$defs/node");
            node.putArray("required").add("v");
        }
        return schema;
    }

    private ObjectNode schema(int depth) {
        if (defined && random.nextInt(8) == 0) {
            return JSON.objectNode()
                    .put("$ref", random.nextBoolean() ? "#/$defs/thing" : "#/$defs/node");
        }
        int kind = random.nextInt(depth > 0 ? 12 : 9);
        return switch (kind) {
            case 0, 1 -> string();
            case 2 -> number(true);
            case 3 -> number(false);
            case 4 -> choice();
            case 5 -> JSON.objectNode().put("type", "boolean");
            case 6 -> nullable();
            case 7 -> constant();
            case 8 -> string();
            case 9 -> array(depth - 1);
            case 10 -> union(depth - 1);
            default -> object(depth - 1);
        };
    }

    private ObjectNode object(int depth) {
        ObjectNode schema = JSON.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            String name = i == 3 ? "k\"é/~" : "key" + "abc".substring(0, i) + i;
            properties.set(name, schema(depth));
            if (random.nextInt(3) > 0) {
                required.add(name);
            }
        }
        if (random.nextBoolean()) {
            schema.put("additionalProperties", false);
        }
        return schema;
    }

    private ObjectNode array(int depth) {
        ObjectNode schema = JSON.objectNode().put("type", "array");
        if (random.nextInt(4) == 0) {
            int count = 1 + random.nextInt(3);
            ArrayNode items = schema.putArray("prefixItems");
            for (int i = 0; i < count; i++) {
                items.add(schema(depth));
            }
            return schema.put("items", false).put("minItems", count);
        }
        schema.set("items", schema(depth));
        int least = random.nextInt(3);
        if (random.nextBoolean()) {
            schema.put("minItems", least);
        }
        return schema.put("maxItems", least + random.nextInt(4));
    }

    private ObjectNode union(int depth) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode branches = schema.putArray("anyOf");
        int count = 2 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            branches.add(schema(depth));
        }
        if (random.nextInt(3) == 0) {
            ObjectNode one = JSON.objectNode();
            one.putArray("oneOf")
                    .add(number(random.nextBoolean()))
                    .add(string())
                    .add(object(0))
                    .add(JSON.objectNode().put("type", "null"));
            return one;
        }
        return schema;
    }

    private ObjectNode string() {
        ObjectNode schema = JSON.objectNode().put("type", "string");
        if (spans && random.nextInt(3) > 0) {
            schema.put(SchemaNode.SPAN_KEYWORD, true);
            return random.nextInt(3) == 0
                    ? schema.put("maxLength", 1 + random.nextInt(20))
                    : schema;
        }
        switch (random.nextInt(6)) {
            case 0 -> schema.put("format", FORMATS[random.nextInt(FORMATS.length)]);
            case 1 -> schema.put("pattern", PATTERNS[random.nextInt(PATTERNS.length)]);
            case 2 ->
                    schema.put("pattern", PATTERNS[random.nextInt(PATTERNS.length)])
                            .put("maxLength", 9 + random.nextInt(20));
            case 3 -> schema.put("minLength", random.nextInt(10));
            default -> {
                int least = random.nextInt(5);
                schema.put("minLength", least).put("maxLength", least + random.nextInt(20));
            }
        }
        return schema;
    }

    private ObjectNode nullable() {
        ObjectNode schema = random.nextBoolean() ? string() : number(random.nextBoolean());
        String type = schema.get("type").textValue();
        schema.putArray("type").add(type).add("null");
        return schema;
    }

    private ObjectNode number(boolean whole) {
        ObjectNode schema = JSON.objectNode().put("type", whole ? "integer" : "number");
        int scale = whole && random.nextInt(4) > 0 ? 0 : random.nextInt(3);
        BigDecimal low = BigDecimal.valueOf(random.nextInt(4000) - 2000, scale);
        BigDecimal high = low.add(BigDecimal.valueOf(1 + random.nextInt(3000)));
        if (random.nextInt(3) > 0) {
            schema.put(random.nextBoolean() ? "minimum" : "exclusiveMinimum", low);
        }
        if (random.nextInt(3) > 0) {
            schema.put(
                    random.nextBoolean() ? "maximum" : "exclusiveMaximum",
                    high.add(BigDecimal.ONE));
        }
        if (random.nextInt(5) == 0) {
            schema.put("multipleOf", new BigDecimal(whole ? "1" : "0.01"));
        }
        return schema;
    }

    private ObjectNode choice() {
        ObjectNode schema = JSON.objectNode();
        ArrayNode values = schema.putArray("enum");
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            switch (random.nextInt(8)) {
                case 0 -> values.add(random.nextInt(100) - 50);
                case 1 -> values.add(BigDecimal.valueOf(random.nextInt(1000), 2));
                case 2 -> values.add(random.nextBoolean());
                case 3 -> values.addNull();
                default -> values.add(TEXTS[random.nextInt(TEXTS.length)]);
            }
        }
        return schema;
    }

    private ObjectNode constant() {
        return JSON.objectNode().put("const", TEXTS[random.nextInt(TEXTS.length)]);
    }
}
