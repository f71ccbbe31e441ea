package io.headrace.connectors;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Follows topics from a little before their end, committed records only. It has no consumer group
 * and creates no topic, so nothing of it stays in the cluster. Used by one thread.
 *
 * <p>A topic or partition that appears later is read from its beginning. Each method throws {@link
 * org.apache.kafka.common.KafkaException} where Kafka does not answer as it should; a later call
 * may succeed.
 */
public final class TopicTail implements AutoCloseable {

    private static final long REFRESH_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int ANSWER_MILLIS = 10_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<String> topics;
    private final int last;
    private final Set<String> missing = new TreeSet<>();
    private boolean positioned;
    private long refreshedAt;

    private TopicTail(KafkaConsumer<byte[], byte[]> consumer, List<String> topics, int last) {
        this.consumer = consumer;
        this.topics = List.copyOf(topics);
        this.last = last;
    }

    /**
     * Connects.
     *
     * @param last about how many records of each topic to begin with; the marks of transactions
     *     count among them
     */
    public static TopicTail of(KafkaConnection kafka, List<String> topics, int last) {
        Properties properties = kafka.clientProperties();
        properties.setProperty("isolation.level", "read_committed");
        properties.setProperty("enable.auto.commit", "false");
        properties.setProperty("allow.auto.create.topics", "false");
        properties.setProperty("auto.offset.reset", "earliest");
        properties.setProperty("default.api.timeout.ms", Integer.toString(ANSWER_MILLIS));
        properties.remove("group.id");
        return new TopicTail(
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                topics,
                last);
    }

    /** Waits a while for records; those of a partition come in their order. */
    public List<KafkaRecord> poll(Duration patience) {
        if (!positioned || System.nanoTime() - refreshedAt > REFRESH_NANOS) {
            assignNewPartitions();
        }
        if (consumer.assignment().isEmpty()) {
            LockSupport.parkNanos(patience.toNanos());
            return List.of();
        }
        List<KafkaRecord> records = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
            records.add(KafkaRecordDeserializationSchema.toRecord(record));
        }
        return records;
    }

    /** The topics that were not there when last looked for. */
    public Set<String> missing() {
        return Set.copyOf(missing);
    }

    private void assignNewPartitions() {
        Set<TopicPartition> known = consumer.assignment();
        List<TopicPartition> all = new ArrayList<>();
        missing.clear();
        for (String topic : topics) {
            List<PartitionInfo> partitions = consumer.partitionsFor(topic);
            if (partitions.isEmpty()) {
                missing.add(topic);
            }
            partitions.forEach(it -> all.add(new TopicPartition(topic, it.partition())));
        }
        if (!known.containsAll(all)) {
            List<TopicPartition> added = all.stream().filter(it -> !known.contains(it)).toList();
            Map<TopicPartition, Long> starts = positioned ? Map.of() : startsOf(added);
            consumer.assign(all);
            consumer.seekToBeginning(added);
            starts.forEach(consumer::seek);
        }
        positioned = true;
        refreshedAt = System.nanoTime();
    }

    private Map<TopicPartition, Long> startsOf(List<TopicPartition> partitions) {
        Map<String, Long> counts =
                partitions.stream()
                        .collect(
                                Collectors.groupingBy(
                                        TopicPartition::topic, Collectors.counting()));
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        return partitions.stream()
                .collect(
                        Collectors.toMap(
                                it -> it,
                                it -> {
                                    long partitionCount = counts.get(it.topic());
                                    long share = (last + partitionCount - 1) / partitionCount;
                                    return Math.max(begins.get(it), ends.get(it) - share);
                                }));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
