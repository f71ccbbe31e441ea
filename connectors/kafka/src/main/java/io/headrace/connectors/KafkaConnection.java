package io.headrace.connectors;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * How to reach the brokers.
 *
 * @param bootstrapServers host:port, several with commas
 * @param properties client settings that pass through, security among them
 */
public record KafkaConnection(String bootstrapServers, Map<String, String> properties)
        implements Serializable {

    public KafkaConnection {
        Settings.requireText("bootstrapServers", bootstrapServers);
        properties = Map.copyOf(properties);
    }

    /** Reaches brokers without security. */
    public static KafkaConnection of(String bootstrapServers) {
        return new KafkaConnection(bootstrapServers, Map.of());
    }

    /** Adds settings; they win over those that are there. */
    public KafkaConnection with(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(properties);
        all.putAll(more);
        return new KafkaConnection(bootstrapServers, all);
    }

    /** Returns the settings with the address, for a Kafka client. */
    public Properties clientProperties() {
        Properties all = Settings.toProperties(properties);
        all.setProperty("bootstrap.servers", bootstrapServers);
        return all;
    }

    @Override
    public String toString() {
        return bootstrapServers + " " + Settings.namesOf(properties);
    }
}
