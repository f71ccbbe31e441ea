package io.headrace.connectors;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Looks before a job starts whether the brokers have what it needs. Every method throws {@link
 * KafkaCheckException} when they do not answer in time or lack it.
 */
public final class KafkaCheck implements AutoCloseable {

    private static final String MAX_TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";

    /** What a letter has at most when all parts of its record were left out. */
    private static final int LEAST_LETTER_BYTES = 16_384;

    private final BrokerAdmin brokers;

    private KafkaCheck(BrokerAdmin brokers) {
        this.brokers = brokers;
    }

    /** Connects; throws when no broker answers within the limit. */
    public static KafkaCheck connect(KafkaConnection kafka, Duration limit) {
        return new KafkaCheck(BrokerAdmin.connect(kafka, limit));
    }

    /** Returns the names of all topics that the user may see. */
    public Set<String> topics() {
        Set<String> names = brokers.ask("list the topics", it -> it.listTopics().names());
        return new TreeSet<>(names);
    }

    /** Returns those topics that a source selects. */
    public Set<String> topics(TopicSelection selection) {
        Set<String> selected = topics();
        if (selection instanceof TopicSelection.Names names) {
            selected.retainAll(names.topics());
        } else if (selection instanceof TopicSelection.Matching matching) {
            Pattern pattern = Pattern.compile(matching.regex());
            selected.removeIf(name -> !pattern.matcher(name).matches());
        }
        return selected;
    }

    /** Returns the number of partitions of that of the topics which has the most; 1 of none. */
    public int mostPartitions(Set<String> topics) {
        return brokers
                .ask("describe topics", it -> it.describeTopics(topics).allTopicNames())
                .values()
                .stream()
                .mapToInt(topic -> topic.partitions().size())
                .max()
                .orElse(1);
    }

    /** Requires the topics that a source selects. */
    public void requireTopics(TopicSelection selection) {
        if (selection instanceof TopicSelection.Names names) {
            Set<String> present = topics();
            names.topics().forEach(name -> requireTopic(name, present));
        } else if (selection instanceof TopicSelection.Matching matching) {
            if (topics(matching).isEmpty()) {
                throw new KafkaCheckException(
                        "No topic at %s matches the pattern %s; check the pattern."
                                .formatted(brokers.place(), matching.regex()));
            }
        }
    }

    /** Requires a topic. */
    public void requireTopic(String name) {
        requireTopic(name, topics());
    }

    /**
     * Creates a topic with the brokers' default replication unless it is there; returns when
     * records can be sent to it.
     */
    public void createIfMissing(String name, int partitions) {
        if (topics().contains(name)) {
            return;
        }
        NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty());
        try {
            brokers.ask("create topic " + name, it -> it.createTopics(List.of(topic)).all());
            awaitLeaders(name, partitions);
        } catch (KafkaCheckException e) {
            // Someone else may have been faster.
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /**
     * Waits until every partition has its leader. A producer that is faster can lose: when the
     * broker refuses its first batch and then accepts the second, the first is out of order for
     * good.
     */
    private void awaitLeaders(String topic, int partitions) {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        brokers.askUntilKnown("lead topic " + topic, it -> it.listOffsets(ends).all());
    }

    /**
     * Returns the most bytes that a batch of records may have in a topic, one record alone too;
     * nothing where the brokers do not tell: the user may lack the right, other brokers the setting.
     */
    public OptionalInt mostMessageBytes(String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try {
            ConfigEntry entry = settings(resource).get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
            return entry == null || entry.value() == null
                    ? OptionalInt.empty()
                    : OptionalInt.of(Integer.parseInt(entry.value()));
        } catch (KafkaCheckException e) {
            return OptionalInt.empty();
        }
    }

    /** Requires a topic to take dead letters, at least those without their records. */
    public void requireRoomForDeadLetters(String topic) {
        int most = mostMessageBytes(topic).orElse(Integer.MAX_VALUE);
        if (most < LEAST_LETTER_BYTES) {
            throw new KafkaCheckException(
                    "Dead-letter topic %s at %s takes records of %d bytes only; raise its"
                                    .formatted(topic, brokers.place(), most)
                            + " max.message.bytes to at least "
                            + LEAST_LETTER_BYTES
                            + ".");
        }
    }

    /** Requires the brokers to allow the transaction timeout of an exactly-once sink. */
    public void requireTransactionTimeout(Duration timeout) {
        String maximum = brokerSetting(MAX_TRANSACTION_TIMEOUT);
        if (timeout.toMillis() > Long.parseLong(maximum)) {
            throw new KafkaCheckException(
                    "The transaction timeout of %d ms is above the %s ms (%s) of the brokers at %s;"
                                    .formatted(
                                            timeout.toMillis(),
                                            maximum,
                                            MAX_TRANSACTION_TIMEOUT,
                                            brokers.place())
                            + " lower the one or raise the other.");
        }
    }

    @Override
    public void close() {
        brokers.close();
    }

    /** Asks one broker, as a cluster's brokers are set alike. */
    private String brokerSetting(String name) {
        Node node =
                brokers.ask("describe the cluster", it -> it.describeCluster().nodes())
                        .iterator()
                        .next();
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
        return settings(broker).get(name).value();
    }

    private Config settings(ConfigResource resource) {
        return brokers.ask(
                "describe %s %s".formatted(resource.type(), resource.name()),
                it -> it.describeConfigs(List.of(resource)).values().get(resource));
    }

    private void requireTopic(String name, Set<String> present) {
        if (present.contains(name)) {
            return;
        }
        String nearest =
                NearestName.of(name, present)
                        .map(" The nearest name there is %s."::formatted)
                        .orElse("");
        throw new KafkaCheckException(
                "Topic %s does not exist at %s; create it or correct the name.%s"
                        .formatted(name, brokers.place(), nearest));
    }
}
