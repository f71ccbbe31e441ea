package io.headrace.connectors;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * Where a Kafka sink writes, and with which guarantee.
 *
 * @param kafka how to reach the brokers; its properties reach the producer
 * @param topic the topic
 * @param guarantee exactly-once or at-least-once
 * @param transactionalIdPrefix begins the transactional ids; unlike that of any other job on these
 *     brokers, and the same for each run of this one
 * @param transactionTimeout how long an open transaction outlives its job; no more than the
 *     broker's {@code transaction.max.timeout.ms}
 */
public record SinkConfig(
        KafkaConnection kafka,
        String topic,
        DeliveryGuarantee guarantee,
        String transactionalIdPrefix,
        Duration transactionTimeout)
        implements Serializable {

    /** The broker's own default maximum. */
    public static final Duration DEFAULT_TRANSACTION_TIMEOUT = Duration.ofMinutes(15);

    public SinkConfig {
        Objects.requireNonNull(kafka, "kafka");
        Settings.requireText("topic", topic);
        Objects.requireNonNull(guarantee, "guarantee");
        Objects.requireNonNull(transactionTimeout, "transactionTimeout");
        if (guarantee == DeliveryGuarantee.NONE) {
            throw new IllegalArgumentException("A sink delivers at least once or exactly once");
        }
        if (guarantee == DeliveryGuarantee.EXACTLY_ONCE) {
            Settings.requireText("transactionalIdPrefix", transactionalIdPrefix);
        }
        if (transactionTimeout.toMillis() < 1
                || transactionTimeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "The transaction timeout is out of range: " + transactionTimeout);
        }
    }

    /** Writes each record once, in transactions of the broker's default length. */
    public static SinkConfig exactlyOnce(
            KafkaConnection kafka, String topic, String transactionalIdPrefix) {
        return new SinkConfig(
                kafka,
                topic,
                DeliveryGuarantee.EXACTLY_ONCE,
                transactionalIdPrefix,
                DEFAULT_TRANSACTION_TIMEOUT);
    }

    /** Writes each record once or, after a failure, more often. */
    public static SinkConfig atLeastOnce(KafkaConnection kafka, String topic) {
        return new SinkConfig(
                kafka, topic, DeliveryGuarantee.AT_LEAST_ONCE, "", DEFAULT_TRANSACTION_TIMEOUT);
    }

    public SinkConfig withTransactionTimeout(Duration timeout) {
        return new SinkConfig(kafka, topic, guarantee, transactionalIdPrefix, timeout);
    }
}
