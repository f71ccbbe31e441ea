package io.headrace.connectors;

import io.headrace.local.LocalKafka;
import io.headrace.local.LocalSchemaRegistry;
import io.headrace.local.LocalServers;
import io.headrace.local.LocalTopics;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The broker and the registry that all integration tests of this JVM share; they end with it. */
final class Servers {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private Servers() {}

    static LocalKafka kafka() {
        return Holder.SERVERS.kafka();
    }

    static LocalSchemaRegistry registry() {
        return Holder.SERVERS.registry();
    }

    static KafkaConnection connection() {
        return KafkaConnection.of(kafka().bootstrapServers());
    }

    static SchemaRegistry openRegistry() {
        return SchemaRegistry.connect(SchemaRegistryConfig.of(registry().url()));
    }

    /** Returns a name that no other test uses. */
    static String uniqueName(String prefix) {
        return prefix + "-" + NAMES.incrementAndGet();
    }

    /** Creates a topic of its own for a test. */
    static String newTopic(String prefix, int partitions) {
        return newTopic(prefix, partitions, Map.of());
    }

    /** The same with settings of its own. */
    static String newTopic(String prefix, int partitions, Map<String, String> settings) {
        String name = uniqueName(prefix);
        try (LocalTopics topics = kafka().topics()) {
            topics.create(name, partitions, settings);
        }
        return name;
    }

    private static final class Holder {
        static final LocalServers SERVERS = LocalServers.start();
    }
}
