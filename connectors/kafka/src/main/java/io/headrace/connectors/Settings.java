package io.headrace.connectors;

import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;

/** Checks and describes what configuration records hold; values of properties may be secret. */
final class Settings {

    private Settings() {}

    static String requireText(String name, String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(name + " must be given");
        }
        return value;
    }

    /** Names the properties and keeps their values, any of which may be a secret, to itself. */
    static String namesOf(Map<String, String> properties) {
        return new TreeSet<>(properties.keySet()).toString();
    }

    static Properties toProperties(Map<String, String> map) {
        Properties properties = new Properties();
        properties.putAll(map);
        return properties;
    }
}
