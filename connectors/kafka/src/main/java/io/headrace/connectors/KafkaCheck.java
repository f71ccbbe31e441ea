package io.headrace.connectors;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Looks before a job starts whether the brokers have what it needs. Every method throws {@link
 * KafkaCheckException} when they do not answer in time or lack it.
 */
public final class KafkaCheck implements AutoCloseable {

    private static final String MAX_TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";

    private final Admin admin;
    private final String place;
    private final Duration limit;

    private KafkaCheck(Admin admin, String place, Duration limit) {
        this.admin = admin;
        this.place = place;
        this.limit = limit;
    }

    /** Connects; throws when no broker answers within the limit. */
    public static KafkaCheck connect(KafkaConnection kafka, Duration limit) {
        Properties properties = kafka.clientProperties();
        String millis = Long.toString(limit.toMillis());
        properties.setProperty("default.api.timeout.ms", millis);
        properties.setProperty("request.timeout.ms", millis);
        KafkaCheck check = new KafkaCheck(open(kafka, properties), kafka.bootstrapServers(), limit);
        try {
            check.await("describe the cluster", check.admin.describeCluster().clusterId());
            return check;
        } catch (KafkaCheckException e) {
            check.close();
            throw e;
        }
    }

    private static Admin open(KafkaConnection kafka, Properties properties) {
        try {
            return Admin.create(properties);
        } catch (KafkaException e) {
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new KafkaCheckException(
                    "No Kafka client could be made for %s: %s"
                            .formatted(kafka.bootstrapServers(), reason.getMessage()),
                    e);
        }
    }

    /** Returns the names of all topics that the user may see. */
    public Set<String> topics() {
        return new TreeSet<>(await("list the topics", admin.listTopics().names()));
    }

    /** Requires the topics that a source selects. */
    public void requireTopics(TopicSelection selection) {
        if (selection instanceof TopicSelection.Names names) {
            Set<String> present = topics();
            names.topics().forEach(name -> requireTopic(name, present));
        } else if (selection instanceof TopicSelection.Matching matching) {
            Pattern pattern = Pattern.compile(matching.regex());
            if (topics().stream().noneMatch(name -> pattern.matcher(name).matches())) {
                throw new KafkaCheckException(
                        "No topic at %s matches the pattern %s; check the pattern."
                                .formatted(place, matching.regex()));
            }
        }
    }

    /** Requires a topic. */
    public void requireTopic(String name) {
        requireTopic(name, topics());
    }

    /** Creates a topic with the brokers' default replication unless it is there. */
    public void createIfMissing(String name, int partitions) {
        if (topics().contains(name)) {
            return;
        }
        NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty());
        try {
            await("create topic " + name, admin.createTopics(List.of(topic)).all());
        } catch (KafkaCheckException e) {
            // Someone else may have been faster.
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /** Requires the brokers to allow the transaction timeout of an exactly-once sink. */
    public void requireTransactionTimeout(Duration timeout) {
        Collection<Node> nodes = await("describe the cluster", admin.describeCluster().nodes());
        String node = nodes.iterator().next().idString();
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node);
        String maximum =
                await(
                                "describe broker " + node,
                                admin.describeConfigs(List.of(broker)).values().get(broker))
                        .get(MAX_TRANSACTION_TIMEOUT)
                        .value();
        if (timeout.toMillis() > Long.parseLong(maximum)) {
            throw new KafkaCheckException(
                    "The transaction timeout of %d ms is above the %s ms (%s) of the brokers at %s;"
                                    .formatted(
                                            timeout.toMillis(),
                                            maximum,
                                            MAX_TRANSACTION_TIMEOUT,
                                            place)
                            + " lower the one or raise the other.");
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    private void requireTopic(String name, Set<String> present) {
        if (present.contains(name)) {
            return;
        }
        String nearest =
                NearestName.of(name, present)
                        .map(other -> " The nearest name there is %s.".formatted(other))
                        .orElse("");
        throw new KafkaCheckException(
                "Topic %s does not exist at %s; create it or correct the name.%s"
                        .formatted(name, place, nearest));
    }

    private <T> T await(String action, KafkaFuture<T> answer) {
        try {
            return answer.get(limit.toMillis() + 1_000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(action, e.getCause());
        } catch (TimeoutException e) {
            throw failure(action, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaCheckException("The check of Kafka was interrupted.", e);
        }
    }

    private KafkaCheckException failure(String action, Throwable cause) {
        if (cause instanceof TimeoutException
                || cause instanceof org.apache.kafka.common.errors.TimeoutException) {
            return new KafkaCheckException(
                    "No Kafka broker at %s answered within %d seconds; check the address, the network and the security settings."
                            .formatted(place, limit.toSeconds()),
                    cause);
        }
        return new KafkaCheckException(
                "Kafka at %s refused to %s: %s".formatted(place, action, cause.getMessage()),
                cause);
    }
}
