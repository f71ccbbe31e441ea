package io.headrace.inference.constraint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a schema into the {@link Term} of its values. A schema below the root that has no value at
 * this place (a reference that is open too often, a span where the source has none) becomes null,
 * and what needs it is pruned with it.
 */
final class SchemaCompiler {

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private static final int MAX_SCHEMAS = 50_000;
    private static final Set<String> TYPES =
            Set.of("object", "array", "string", "number", "integer", "boolean", "null");
    private static final Set<String> OBJECT_KEYWORDS =
            Set.of("properties", "required", "additionalProperties");
    private static final Set<String> ARRAY_KEYWORDS =
            Set.of("items", "prefixItems", "minItems", "maxItems", "uniqueItems");

    /**
     * Where a schema stands.
     *
     * @param open the references that it stands inside, with how often
     * @param avoidable whether what is around it has another way when there is no value
     */
    private record Place(Map<String, Integer> open, boolean avoidable) {
        Place orElse(boolean otherWay) {
            return new Place(open, otherWay);
        }
    }

    private final JsonNode document;
    private final ConstraintOptions options;
    private final ScalarSchemas scalars;
    private final Set<SpanTerm.Limits> spanLimits = new LinkedHashSet<>();
    private Set<SpanTerm.Limits> unavailable = Set.of();
    private int schemas;

    private SchemaCompiler(JsonNode document, ConstraintOptions options) {
        this.document = document;
        this.options = options;
        this.scalars = new ScalarSchemas(options);
    }

    static SchemaCompiler parse(String jsonSchema, ConstraintOptions options) {
        try {
            return new SchemaCompiler(MAPPER.readTree(jsonSchema), options);
        } catch (JsonProcessingException e) {
            throw new UnsupportedSchemaException(
                    "", "the schema is not valid JSON: " + e.getOriginalMessage());
        }
    }

    /** The limits of all spans; known after {@link #compile}. */
    synchronized Set<SpanTerm.Limits> spanLimits() {
        return Set.copyOf(spanLimits);
    }

    /**
     * The values of the document.
     *
     * @param missing the limits that the source has no span for
     */
    synchronized Term compile(Set<SpanTerm.Limits> missing) {
        unavailable = missing;
        schemas = 0;
        SchemaNode root = SchemaNode.of(document, "");
        Term term = term(root, new Place(Map.of(), false));
        if (term == null) {
            throw root.unsupported(
                    "no value is possible: the schema requires itself deeper than "
                            + options.recursionDepth()
                            + " times");
        }
        return term;
    }

    private Term term(SchemaNode schema, Place place) {
        if (++schemas > MAX_SCHEMAS) {
            throw schema.unsupported(
                    "the schema has more than " + MAX_SCHEMAS + " parts with its references open");
        }
        if (schema.has("$ref")) {
            return reference(schema, place);
        }
        if (schema.has("anyOf") || schema.has("oneOf")) {
            return union(schema, schema.has("anyOf") ? "anyOf" : "oneOf", place);
        }
        if (schema.has("allOf")) {
            schema.allowOnly(Set.of("allOf"), "beside allOf");
            List<SchemaNode> parts = schema.children("allOf");
            if (parts.size() > 1) {
                throw schema.unsupported("allOf", "\"allOf\" is supported with one schema");
            }
            return term(parts.get(0), place);
        }
        Set<String> types = types(schema);
        if (schema.has("enum") || schema.has("const")) {
            return new EnumSchemas(scalars).term(schema, types);
        }
        schema.allowOnly(keywords(types), "for the type " + String.join(", ", types));
        Place inner = place.orElse(place.avoidable || types.contains("null"));
        List<Term> options = new ArrayList<>();
        for (String type : types) {
            options.add(ofType(type, schema, types.size() > 1 ? inner : place));
        }
        return ChoiceTerm.of(options.toArray(new Term[0]));
    }

    private Term reference(SchemaNode schema, Place place) {
        schema.allowOnly(Set.of("$ref"), "beside $ref");
        SchemaNode target = resolve(schema);
        int depth = place.open.getOrDefault(target.pointer(), 0);
        if (depth >= options.recursionDepth()) {
            return null;
        }
        Map<String, Integer> open = new HashMap<>(place.open);
        open.put(target.pointer(), depth + 1);
        return term(target, new Place(open, place.avoidable));
    }

    /** Follows one reference. */
    SchemaNode resolve(SchemaNode schema) {
        String reference = schema.text("$ref");
        JsonNode target =
                reference.equals("#") || reference.startsWith("#/")
                        ? document.at(reference.substring(1))
                        : null;
        if (target == null || target.isMissingNode()) {
            throw schema.unsupported(
                    "$ref",
                    "\""
                            + reference
                            + "\" leads nowhere; supported are references within the document, as"
                            + " #/$defs/name");
        }
        return SchemaNode.of(target, reference.substring(1));
    }

    private Term union(SchemaNode schema, String keyword, Place place) {
        schema.allowOnly(Set.of(keyword), "beside " + keyword);
        List<SchemaNode> branches = schema.children(keyword);
        if (keyword.equals("oneOf")) {
            new Disjointness(this).require(schema, branches);
        }
        boolean nullable = place.avoidable || branches.stream().anyMatch(this::allowsNull);
        List<Term> options = new ArrayList<>();
        for (SchemaNode branch : branches) {
            options.add(term(branch, place.orElse(nullable)));
        }
        return ChoiceTerm.of(options.toArray(new Term[0]));
    }

    private boolean allowsNull(SchemaNode schema) {
        JsonNode type = schema.get("type");
        if (type != null && type.isArray()) {
            for (JsonNode one : type) {
                if (one.asText().equals("null")) {
                    return true;
                }
            }
        }
        return (type != null && type.asText().equals("null"))
                || (schema.has("const") && schema.get("const").isNull());
    }

    /** The types of a schema, in its order; guessed from its keywords when it names none. */
    static Set<String> types(SchemaNode schema) {
        JsonNode type = schema.get("type");
        Set<String> types = new LinkedHashSet<>();
        if (type == null) {
            return inferredTypes(schema);
        }
        for (JsonNode one : type.isArray() ? type : List.of(type)) {
            if (!TYPES.contains(one.asText())) {
                throw schema.unsupported(
                        "type",
                        "unknown type "
                                + one
                                + "; supported are "
                                + String.join(", ", TYPES.stream().sorted().toList()));
            }
            types.add(one.textValue());
        }
        if (types.isEmpty()) {
            throw schema.unsupported("type", "\"type\" lists no type");
        }
        return types;
    }

    private static Set<String> inferredTypes(SchemaNode schema) {
        if (schema.has("properties")) {
            return Set.of("object");
        }
        if (schema.has("items")) {
            return Set.of("array");
        }
        if (schema.has("enum") || schema.has("const")) {
            return Set.of("string", "number", "boolean", "null");
        }
        if (schema.has(SchemaNode.SPAN_KEYWORD)) {
            return Set.of("string");
        }
        schema.allowOnly(
                Set.of("type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"),
                "without a type");
        throw schema.unsupported("\"type\" is missing, so any value would be allowed");
    }

    private static Set<String> keywords(Set<String> types) {
        Set<String> keywords = new HashSet<>(Set.of("type"));
        for (String type : types) {
            switch (type) {
                case "object" -> keywords.addAll(OBJECT_KEYWORDS);
                case "array" -> keywords.addAll(ARRAY_KEYWORDS);
                case "string" -> keywords.addAll(ScalarSchemas.STRING_KEYWORDS);
                case "number", "integer" -> keywords.addAll(ScalarSchemas.NUMBER_KEYWORDS);
                default -> {}
            }
        }
        return keywords;
    }

    private Term ofType(String type, SchemaNode schema, Place place) {
        return switch (type) {
            case "object" -> object(schema, place);
            case "array" -> array(schema, place);
            case "string" ->
                    schema.flag(SchemaNode.SPAN_KEYWORD)
                            ? span(schema, place)
                            : StringTerm.of(scalars.strings(schema));
            case "number", "integer" -> DfaTerm.of(scalars.numbers(schema, type.equals("integer")));
            case "boolean" -> ChoiceTerm.of(DfaTerm.literal("true"), DfaTerm.literal("false"));
            default -> DfaTerm.literal("null");
        };
    }

    private Term span(SchemaNode schema, Place place) {
        SpanTerm.Limits limits = scalars.spans(schema);
        spanLimits.add(limits);
        if (!unavailable.contains(limits)) {
            return SpanTerm.of(limits);
        }
        return place.avoidable ? null : DfaTerm.literal("\"\"");
    }

    private Term array(SchemaNode schema, Place place) {
        if (schema.has("prefixItems")) {
            return tuple(schema, place);
        }
        if (!schema.has("items")) {
            throw schema.unsupported("\"items\" is missing, so any item would be allowed");
        }
        if (schema.flag("uniqueItems")) {
            throw schema.unsupported("uniqueItems", "\"uniqueItems\" is not supported");
        }
        int least = schema.count("minItems", 0);
        int most = schema.count("maxItems", Math.max(options.maxItems(), least));
        if (least > most) {
            throw schema.unsupported("minItems", "\"minItems\" is greater than \"maxItems\"");
        }
        Term item = term(schema.child("items"), place.orElse(place.avoidable || least == 0));
        return ItemsTerm.array(item, least, most);
    }

    /** An array of as many items as {@code prefixItems} describes. */
    private Term tuple(SchemaNode schema, Place place) {
        List<SchemaNode> items = schema.children("prefixItems");
        JsonNode further = schema.get("items");
        int count = items.size();
        boolean exact =
                schema.count("minItems", 0) == count
                        && (schema.count("maxItems", -1) == count
                                || (further != null && further.equals(BooleanNode.FALSE)));
        if (!exact) {
            throw schema.unsupported(
                    "prefixItems",
                    "\"prefixItems\" is supported where every item must be there and no other may"
                            + " follow; write \"minItems\": "
                            + count
                            + " and \"items\": false beside it");
        }
        Term term = DfaTerm.literal("]");
        for (int i = count - 1; i >= 0; i--) {
            Term item = term(items.get(i), place);
            term =
                    SequenceTerm.of(
                            DfaTerm.literal(i == 0 ? "[" : ","), SequenceTerm.of(item, term));
        }
        return term;
    }

    private Term object(SchemaNode schema, Place place) {
        JsonNode properties = schema.get("properties");
        if (properties == null || !properties.isObject()) {
            throw schema.unsupported(
                    "an object needs \"properties\"; maps with free keys are not supported");
        }
        JsonNode additional = schema.get("additionalProperties");
        if (additional != null && !additional.isBoolean()) {
            throw schema.unsupported(
                    "additionalProperties",
                    "\"additionalProperties\" must be false or true (nothing further is written"
                            + " either way); maps with free keys are not supported");
        }
        Set<String> required = required(schema);
        List<String> names = new ArrayList<>();
        properties.fieldNames().forEachRemaining(names::add);
        for (String name : required) {
            if (!properties.has(name)) {
                throw schema.unsupported(
                        "required", "\"" + name + "\" is required but not among the properties");
            }
        }
        return new ObjectTerms()
                .object(
                        names.stream()
                                .map(name -> property(schema, name, required, place))
                                .toList());
    }

    private ObjectTerms.Property property(
            SchemaNode schema, String name, Set<String> required, Place place) {
        boolean optional = !required.contains(name);
        Term value = term(schema.child("properties", name), place.orElse(optional));
        return new ObjectTerms.Property(quoted(name), value, optional);
    }

    private static Set<String> required(SchemaNode schema) {
        Set<String> required = new LinkedHashSet<>();
        JsonNode names = schema.get("required");
        if (names == null) {
            return required;
        }
        for (JsonNode name : names) {
            required.add(name.asText());
        }
        if (!names.isArray()) {
            throw schema.unsupported("required", "\"required\" must be an array of names");
        }
        return required;
    }

    /** A text as a JSON string, with no more escapes than needed. */
    static String quoted(String text) {
        try {
            byte[] json = MAPPER.writeValueAsBytes(text);
            return new String(json, StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a Unicode text: " + text, e);
        }
    }
}
