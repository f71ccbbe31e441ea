package io.headrace.connectors;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.SimpleRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How large a record of a topic may be: for the producer ({@code max.request.size}), and for the
 * brokers ({@code max.message.bytes} of the topic) where they tell. A sink that is given a larger
 * one fails, and fails again after each restart, so it must not be given one.
 *
 * <p>Sizes are those that producer and broker compute themselves. Travels closed with the job
 * graph, opens itself at the first record, and is used by one thread.
 */
public final class RecordSizeLimit implements Serializable {

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(RecordSizeLimit.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final KafkaConnection kafka;
    private final String topic;
    private transient ProducerLimits producer;
    private transient int topicBytes;

    /** Creates the limit; the brokers are asked when the first record comes. */
    public RecordSizeLimit(KafkaConnection kafka, String topic) {
        this.kafka = Objects.requireNonNull(kafka, "kafka");
        this.topic = Settings.requireText("topic", topic);
    }

    /** Says in a sentence why the record is too large, if it is. */
    public Optional<String> excess(OutboundRecord record) {
        if (producer == null) {
            open();
        }
        Header[] headers = record.kafkaHeaders();
        int size =
                AbstractRecords.estimateSizeInBytesUpperBound(
                        RecordBatch.CURRENT_MAGIC_VALUE,
                        producer.compression().type(),
                        record.key(),
                        record.value(),
                        headers);
        if (size > producer.bytes()) {
            return Optional.of(
                    "The record for topic %s has %d bytes, and the producer sends at most %d;"
                                    .formatted(topic, size, producer.bytes())
                            + " raise max.request.size (and buffer.memory) in kafka.properties.");
        }
        if (largest(size) <= topicBytes) {
            return Optional.empty();
        }
        int sent = sizeInABatch(record, headers, producer.compression());
        return sent <= topicBytes
                ? Optional.empty()
                : Optional.of(
                        "The record for topic %s has %d bytes, and the topic takes at most %d;"
                                        .formatted(topic, sent, topicBytes)
                                + " raise its max.message.bytes.");
    }

    /** What compression may make of it where nothing can be compressed: Snappy's bound. */
    private long largest(int size) {
        return producer.compression().type() == CompressionType.NONE
                ? size
                : size + size / 6L + 100;
    }

    /** A record that is too large for others' company is sent alone. */
    private static int sizeInABatch(
            OutboundRecord record, Header[] headers, Compression compression) {
        long time = Math.max(0, record.timestampMillis());
        return MemoryRecords.withRecords(
                        compression, new SimpleRecord(time, record.key(), record.value(), headers))
                .sizeInBytes();
    }

    private void open() {
        topicBytes = topicBytes();
        producer = ProducerLimits.of(kafka);
    }

    /** What the brokers do not tell is not checked: a check is no reason to fail. */
    private int topicBytes() {
        try (KafkaCheck check = KafkaCheck.connect(kafka, PATIENCE)) {
            OptionalInt most = check.mostMessageBytes(topic);
            if (most.isEmpty()) {
                LOG.warn(
                        "The brokers do not tell max.message.bytes of topic {}; records are checked"
                                + " against the producer's limit only",
                        topic);
            }
            return most.orElse(Integer.MAX_VALUE);
        } catch (KafkaCheckException e) {
            LOG.warn("max.message.bytes of topic {} is not known: {}", topic, e.getMessage());
            return Integer.MAX_VALUE;
        }
    }
}
