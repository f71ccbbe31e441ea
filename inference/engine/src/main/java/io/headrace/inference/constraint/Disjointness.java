package io.headrace.inference.constraint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Shows that the branches of a {@code oneOf} exclude each other, so that to follow them side by
 * side cannot write a value of two. What cannot be shown is refused.
 */
final class Disjointness {

    private static final int MAX_DEPTH = 8;

    private final SchemaCompiler compiler;

    Disjointness(SchemaCompiler compiler) {
        this.compiler = compiler;
    }

    void require(SchemaNode schema, List<SchemaNode> branches) {
        for (int i = 0; i < branches.size(); i++) {
            for (int j = i + 1; j < branches.size(); j++) {
                if (!disjoint(branches.get(i), branches.get(j), MAX_DEPTH)) {
                    throw schema.unsupported(
                            "oneOf",
                            "branches "
                                    + i
                                    + " and "
                                    + j
                                    + " may both hold for one value; supported are branches told"
                                    + " apart by their type, by constants, or by a required"
                                    + " property, and otherwise anyOf");
                }
            }
        }
    }

    private boolean disjoint(SchemaNode left, SchemaNode right, int depth) {
        if (depth == 0) {
            return false;
        }
        if (left.has("$ref")) {
            return disjoint(compiler.resolve(left), right, depth - 1);
        }
        if (right.has("$ref")) {
            return disjoint(left, compiler.resolve(right), depth - 1);
        }
        for (String keyword : List.of("anyOf", "oneOf", "allOf")) {
            if (left.has(keyword)) {
                return left.children(keyword).stream()
                        .allMatch(branch -> disjoint(branch, right, depth - 1));
            }
            if (right.has(keyword)) {
                return disjoint(right, left, depth);
            }
        }
        Set<String> common = commonTypes(left, right);
        if (common.isEmpty()) {
            return true;
        }
        if (fixed(left) && fixed(right)) {
            return noCommonValue(left, right);
        }
        return common.equals(Set.of("object")) && disjointObjects(left, right, depth);
    }

    private static Set<String> commonTypes(SchemaNode left, SchemaNode right) {
        Set<String> common = widened(left);
        common.retainAll(widened(right));
        return common;
    }

    /** A whole number is of both number types. */
    private static Set<String> widened(SchemaNode schema) {
        Set<String> types = new HashSet<>(SchemaCompiler.types(schema));
        if (types.remove("integer")) {
            types.add("number");
        }
        return types;
    }

    private static boolean fixed(SchemaNode schema) {
        return schema.has("enum") || schema.has("const");
    }

    private static boolean noCommonValue(SchemaNode left, SchemaNode right) {
        List<JsonNode> others = EnumSchemas.values(right);
        return EnumSchemas.values(left).stream()
                .noneMatch(
                        value -> others.stream().anyMatch(other -> EnumSchemas.same(value, other)));
    }

    private boolean disjointObjects(SchemaNode left, SchemaNode right, int depth) {
        return excludes(left, right) || excludes(right, left) || toldApart(left, right, depth);
    }

    /** Whether one forbids a property that the other requires. */
    private static boolean excludes(SchemaNode one, SchemaNode other) {
        JsonNode additional = one.get("additionalProperties");
        if (additional == null || !additional.isBoolean() || additional.booleanValue()) {
            return false;
        }
        return required(other).stream().anyMatch(name -> !one.get("properties").has(name));
    }

    private boolean toldApart(SchemaNode left, SchemaNode right, int depth) {
        Set<String> both = required(left);
        both.retainAll(required(right));
        return both.stream()
                .filter(name -> hasProperty(left, name) && hasProperty(right, name))
                .anyMatch(
                        name ->
                                disjoint(
                                        left.child("properties", name),
                                        right.child("properties", name),
                                        depth - 1));
    }

    private static boolean hasProperty(SchemaNode schema, String name) {
        return schema.has("properties") && schema.get("properties").has(name);
    }

    private static Set<String> required(SchemaNode schema) {
        Set<String> names = new HashSet<>();
        if (schema.has("required")) {
            schema.get("required").forEach(name -> names.add(name.asText()));
        }
        return names;
    }
}
