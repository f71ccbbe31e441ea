package io.headrace.connectors;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How to reach a schema registry.
 *
 * @param urls base addresses of Confluent's API, tried in order
 * @param properties settings of Confluent's client, with or without the prefix {@code
 *     schema.registry.}: {@code basic.auth.credentials.source}, {@code basic.auth.user.info},
 *     {@code ssl.truststore.location} and so on
 */
public record SchemaRegistryConfig(List<String> urls, Map<String, String> properties)
        implements Serializable {

    public SchemaRegistryConfig {
        urls = List.copyOf(urls);
        properties = Map.copyOf(properties);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("The schema registry needs at least one URL");
        }
        urls.forEach(SchemaRegistryConfig::requireHttp);
    }

    /** Reaches a registry without security. */
    public static SchemaRegistryConfig of(String url) {
        return new SchemaRegistryConfig(List.of(url), Map.of());
    }

    private static void requireHttp(String url) {
        if (!url.startsWith("http://") && !url.startsWith("https://")) {
            throw new IllegalArgumentException(
                    "A schema registry's URL starts with http:// or https://, unlike "
                            + withoutUserInfo(url));
        }
    }

    /** Returns the addresses for messages: without a user or password in them. */
    String place() {
        return urls.stream()
                .map(SchemaRegistryConfig::withoutUserInfo)
                .collect(Collectors.joining(", "));
    }

    private static String withoutUserInfo(String url) {
        return url.replaceFirst("^([a-z]*://)?[^/@]*@", "$1");
    }

    @Override
    public String toString() {
        return "SchemaRegistryConfig[" + place() + ", " + Settings.namesOf(properties) + "]";
    }
}
