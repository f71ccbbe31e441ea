package io.headrace.connectors;

import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Requests to the brokers that end within a limit, each failure one sentence. */
final class BrokerAdmin implements AutoCloseable {

    /** So that the client's own reason arrives before we stop to wait for it. */
    private static final long GRACE_MILLIS = 1_000;

    private static final long POLL_MILLIS = 100;

    private final Admin admin;
    private final String place;
    private final Duration limit;

    private BrokerAdmin(Admin admin, String place, Duration limit) {
        this.admin = admin;
        this.place = place;
        this.limit = limit;
    }

    /** Connects; throws {@link KafkaCheckException} when no broker answers within the limit. */
    static BrokerAdmin connect(KafkaConnection kafka, Duration limit) {
        Properties properties = kafka.clientProperties();
        String millis = Long.toString(limit.toMillis());
        properties.setProperty("default.api.timeout.ms", millis);
        properties.setProperty("request.timeout.ms", millis);
        BrokerAdmin brokers =
                new BrokerAdmin(open(kafka, properties), kafka.bootstrapServers(), limit);
        try {
            brokers.ask("describe the cluster", it -> it.describeCluster().clusterId());
            return brokers;
        } catch (KafkaCheckException e) {
            brokers.close();
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

    /** Returns the brokers' address, for messages. */
    String place() {
        return place;
    }

    /** Waits for an answer. */
    <T> T ask(String action, Function<Admin, KafkaFuture<T>> request) {
        try {
            return request.apply(admin).get(limit.toMillis() + GRACE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(action, e.getCause());
        } catch (TimeoutException e) {
            throw failure(action, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaCheckException("The wait for Kafka was interrupted.", e);
        }
    }

    /** Waits for an answer about a new topic that not every broker has heard of yet. */
    <T> T askUntilKnown(String action, Function<Admin, KafkaFuture<T>> request) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return ask(action, request);
            } catch (KafkaCheckException e) {
                boolean unknown = e.getCause() instanceof UnknownTopicOrPartitionException;
                if (!unknown || System.nanoTime() > deadline) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaCheckException("The wait for Kafka was interrupted.", e);
        }
    }

    private KafkaCheckException failure(String action, Throwable cause) {
        if (cause instanceof TimeoutException
                || cause instanceof org.apache.kafka.common.errors.TimeoutException) {
            return new KafkaCheckException(
                    "No Kafka broker at %s answered within %d seconds; check the address, the"
                                    .formatted(place, limit.toSeconds())
                            + " network and the security settings.",
                    cause);
        }
        if (cause instanceof SslAuthenticationException) {
            return new KafkaCheckException(
                    "TLS with Kafka at %s failed (%s); check the truststore settings."
                            .formatted(place, rootOf(cause).getMessage()),
                    cause);
        }
        if (cause instanceof AuthenticationException) {
            return new KafkaCheckException(
                    "Kafka at %s does not accept the credentials: %s"
                            .formatted(place, cause.getMessage()),
                    cause);
        }
        return new KafkaCheckException(
                "Kafka at %s refused to %s: %s".formatted(place, action, cause.getMessage()),
                cause);
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
