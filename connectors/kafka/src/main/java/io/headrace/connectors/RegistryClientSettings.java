package io.headrace.connectors;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Puts settings, which are text here, in the form that Confluent's client wants: some as numbers of
 * one exact type, and those of TLS with a prefix that the others must not have.
 */
final class RegistryClientSettings {

    private static final String PREFIX = "schema.registry.";

    /** What bounds the cost of a slow registry and of a flood of unknown ids. */
    private static final Map<String, String> DEFAULTS =
            Map.of(
                    "http.connect.timeout.ms", "10000",
                    "http.read.timeout.ms", "30000",
                    "missing.cache.size", "10000",
                    "missing.id.cache.ttl.sec", "60");

    private static final Set<String> LONGS =
            Set.of(
                    "missing.id.cache.ttl.sec",
                    "missing.version.cache.ttl.sec",
                    "missing.schema.cache.ttl.sec");
    private static final Set<String> INTEGERS =
            Set.of("missing.cache.size", "http.connect.timeout.ms", "http.read.timeout.ms");
    private static final Set<String> SHORTS = Set.of("bearer.auth.cache.expiry.buffer.seconds");

    private RegistryClientSettings() {}

    static Map<String, Object> of(Map<String, String> given) {
        Map<String, Object> settings = new HashMap<>();
        DEFAULTS.forEach((name, value) -> put(settings, name, value));
        given.forEach((name, value) -> put(settings, withoutPrefix(name), value));
        return settings;
    }

    private static void put(Map<String, Object> settings, String name, String value) {
        settings.put(name.startsWith("ssl.") ? PREFIX + name : name, typed(name, value));
    }

    private static Object typed(String name, String value) {
        try {
            if (LONGS.contains(name)) {
                return Long.valueOf(value);
            }
            if (INTEGERS.contains(name)) {
                return Integer.valueOf(value);
            }
            return SHORTS.contains(name) ? (Object) Short.valueOf(value) : value;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "The schema registry's setting " + name + " is a whole number", e);
        }
    }

    private static String withoutPrefix(String name) {
        return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    }
}
