package io.headrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The settings of a broker that is its own controller and small in every way. */
final class BrokerProperties {

    private BrokerProperties() {}

    /** Writes the settings to a file; those given win over ours. */
    static void write(Path file, BrokerPorts ports, Path data, Map<String, String> given) {
        Properties properties = new Properties();
        properties.putAll(defaults(ports, data));
        properties.putAll(given);
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " could not be written", e);
        }
    }

    private static Map<String, String> defaults(BrokerPorts ports, Path data) {
        String listeners =
                "CLIENT://127.0.0.1:%d,INTERNAL://127.0.0.1:%d"
                        .formatted(ports.client(), ports.internal());
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + ports.controller()),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("listeners", listeners + ",CONTROLLER://127.0.0.1:" + ports.controller()),
                Map.entry("advertised.listeners", listeners),
                Map.entry("inter.broker.listener.name", "INTERNAL"),
                Map.entry(
                        "listener.security.protocol.map",
                        "CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("log.dirs", data.toString()),
                // Records of long ago are as welcome here as those of now.
                Map.entry("log.retention.ms", "-1"),
                Map.entry("auto.create.topics.enable", "false"),
                Map.entry("default.replication.factor", "1"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "1"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.num.partitions", "1"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                Map.entry("num.network.threads", "2"),
                Map.entry("num.io.threads", "2"),
                Map.entry("background.threads", "2"),
                Map.entry("log.cleaner.dedupe.buffer.size", "4194304"),
                Map.entry("log.index.size.max.bytes", "1048576"),
                Map.entry("log.segment.bytes", "134217728"));
    }
}
