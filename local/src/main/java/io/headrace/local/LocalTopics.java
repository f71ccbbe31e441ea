package io.headrace.local;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics of a broker: creates, deletes and lists them. Thread-safe. */
public final class LocalTopics implements AutoCloseable {

    private static final Duration LEADER_LIMIT = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 50;

    private final Admin admin;

    private LocalTopics(Admin admin) {
        this.admin = admin;
    }

    /** Connects to a broker without security. */
    public static LocalTopics of(String bootstrapServers) {
        return new LocalTopics(admin(bootstrapServers));
    }

    /** Creates a topic; returns when records can be sent to it. */
    public void create(String name, int partitions) {
        create(name, partitions, Map.of());
    }

    /** Creates a topic with settings of its own; returns when records can be sent to it. */
    public void create(String name, int partitions, Map<String, String> configuration) {
        NewTopic topic =
                new NewTopic(name, Optional.of(partitions), Optional.empty())
                        .configs(configuration);
        await("create topic " + name, () -> admin.createTopics(List.of(topic)).all().get());
        awaitLeaders(name, partitions);
    }

    /**
     * Waits until the broker leads every partition. A producer that is faster can lose: when the
     * broker refuses its first batch and then accepts the second, the first is out of order for
     * good.
     */
    private void awaitLeaders(String name, int partitions) {
        Map<TopicPartition, OffsetSpec> ends =
                IntStream.range(0, partitions)
                        .boxed()
                        .collect(
                                Collectors.toMap(
                                        partition -> new TopicPartition(name, partition),
                                        partition -> OffsetSpec.latest()));
        long deadline = System.nanoTime() + LEADER_LIMIT.toNanos();
        while (!await("lead topic " + name, () -> isKnown(ends))) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("The broker does not lead topic " + name);
            }
        }
    }

    /** Asks the leaders; the client waits for them, but not for the topic to be known at all. */
    private boolean isKnown(Map<TopicPartition, OffsetSpec> ends)
            throws ExecutionException, InterruptedException {
        try {
            admin.listOffsets(ends).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                Thread.sleep(POLL_MILLIS);
                return false;
            }
            throw e;
        }
    }

    public void delete(String name) {
        await("delete topic " + name, () -> admin.deleteTopics(List.of(name)).all().get());
    }

    public Set<String> names() {
        return await("list topics", () -> admin.listTopics().names().get());
    }

    @Override
    public void close() {
        admin.close();
    }

    static Admin admin(String bootstrapServers) {
        return Admin.create(
                Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000));
    }

    private static <T> T await(String action, BrokerCall<T> call) {
        try {
            return call.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("The broker did not " + action, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting to " + action, e);
        }
    }

    /** A request to the broker that is waited for. */
    private interface BrokerCall<T> {
        T get() throws ExecutionException, InterruptedException;
    }
}
