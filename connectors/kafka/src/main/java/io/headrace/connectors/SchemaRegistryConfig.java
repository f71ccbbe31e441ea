package io.headrace.connectors;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How to reach a schema registry.
 *
 * @param urls base addresses of Confluent's API, tried in order; a user and password in them moves
 *     to the properties
 * @param properties settings of Confluent's client, with or without the prefix {@code
 *     schema.registry.}: {@code basic.auth.credentials.source}, {@code basic.auth.user.info},
 *     {@code ssl.truststore.location} and so on
 */
public record SchemaRegistryConfig(List<String> urls, Map<String, String> properties)
        implements Serializable {

    public SchemaRegistryConfig {
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("The schema registry needs at least one URL");
        }
        List<RegistryUrl> parsed = urls.stream().map(RegistryUrl::parse).toList();
        urls = parsed.stream().map(RegistryUrl::address).toList();
        properties = withUserOf(parsed, properties);
    }

    /** Reaches a registry without security. */
    public static SchemaRegistryConfig of(String url) {
        return new SchemaRegistryConfig(List.of(url), Map.of());
    }

    /** Moves a user and password from the address, which clients log, to the properties. */
    private static Map<String, String> withUserOf(
            List<RegistryUrl> urls, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>();
        for (RegistryUrl url : urls) {
            url.userInfo()
                    .ifPresent(
                            userInfo -> {
                                all.put("basic.auth.credentials.source", "USER_INFO");
                                all.put("basic.auth.user.info", userInfo);
                            });
        }
        all.putAll(properties);
        return Map.copyOf(all);
    }

    /** Returns the addresses for messages. */
    String place() {
        return String.join(", ", urls);
    }

    @Override
    public String toString() {
        return "SchemaRegistryConfig[" + place() + ", " + Settings.namesOf(properties) + "]";
    }
}
