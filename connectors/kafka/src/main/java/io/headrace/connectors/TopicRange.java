package io.headrace.connectors;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * A part of topics that is fixed before it is read: for each partition the first offset, and the
 * offset before which it ends.
 *
 * @param start first offsets
 * @param end ends, of the same partitions
 */
public record TopicRange(Map<TopicPartition, Long> start, Map<TopicPartition, Long> end) {

    public TopicRange {
        start = Map.copyOf(start);
        end = Map.copyOf(end);
    }

    /**
     * Looks the offsets of positions up. Only committed records count.
     *
     * @param groupId the consumer group whose committed offsets a start may name
     * @throws KafkaCheckException if the brokers do not answer, or a position is not in the topics
     */
    public static TopicRange resolve(
            KafkaConnection kafka,
            TopicSelection topics,
            String groupId,
            StartPosition start,
            EndPosition end,
            Duration limit) {
        Set<String> names;
        try (KafkaCheck check = KafkaCheck.connect(kafka, limit)) {
            check.requireTopics(topics);
            names = check.topics(topics);
        }
        try (BrokerAdmin brokers = BrokerAdmin.connect(kafka, limit)) {
            return new Lookup(brokers, groupId, partitions(brokers, names)).range(start, end);
        }
    }

    private static Set<TopicPartition> partitions(BrokerAdmin brokers, Set<String> topics) {
        return brokers
                .ask("describe the topics", it -> it.describeTopics(topics).allTopicNames())
                .values()
                .stream()
                .flatMap(
                        topic ->
                                topic.partitions().stream()
                                        .map(
                                                info ->
                                                        new TopicPartition(
                                                                topic.name(), info.partition())))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Commits offsets for a consumer group that has no members. */
    public static void commit(
            KafkaConnection kafka,
            String groupId,
            Map<TopicPartition, Long> offsets,
            Duration limit) {
        Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
        offsets.forEach(
                (partition, offset) -> commits.put(partition, new OffsetAndMetadata(offset)));
        try (BrokerAdmin brokers = BrokerAdmin.connect(kafka, limit)) {
            brokers.ask(
                    "commit the offsets of group " + groupId,
                    it -> it.alterConsumerGroupOffsets(groupId, commits).all());
        }
    }

    /** Returns how many offsets there are; a few of them may hold no record. */
    public long size() {
        return start.keySet().stream()
                .mapToLong(partition -> end.get(partition) - start.get(partition))
                .sum();
    }

    /** What the brokers say about some partitions. */
    private record Lookup(BrokerAdmin brokers, String groupId, Set<TopicPartition> partitions) {

        TopicRange range(StartPosition start, EndPosition end) {
            Map<TopicPartition, Long> first = offsets(OffsetSpec.earliest());
            Map<TopicPartition, Long> last = offsets(OffsetSpec.latest());
            Map<TopicPartition, Long> from = startOf(start, first, last);
            Map<TopicPartition, Long> to = endOf(end, last);
            for (TopicPartition partition : partitions) {
                requireWithin(partition, from.get(partition), first, last);
                requireWithin(partition, to.get(partition), first, last);
                // A time between two records is after the first and before the second.
                to.merge(partition, from.get(partition), Math::max);
            }
            return new TopicRange(from, to);
        }

        private Map<TopicPartition, Long> startOf(
                StartPosition start,
                Map<TopicPartition, Long> first,
                Map<TopicPartition, Long> last) {
            if (start instanceof StartPosition.Latest) {
                return last;
            }
            Map<TopicPartition, Long> from = new HashMap<>(first);
            if (start instanceof StartPosition.Timestamp time) {
                from.putAll(at(time.millis(), last));
            } else if (start instanceof StartPosition.Offsets offsets) {
                requireKnown(offsets.offsets().keySet());
                from.putAll(offsets.offsets());
            } else if (start instanceof StartPosition.Committed) {
                // What retention has deleted meanwhile begins later.
                committed().forEach((partition, it) -> from.merge(partition, it, Math::max));
            }
            return from;
        }

        private Map<TopicPartition, Long> endOf(EndPosition end, Map<TopicPartition, Long> last) {
            Map<TopicPartition, Long> to = new HashMap<>(last);
            if (end instanceof EndPosition.Timestamp time) {
                to.putAll(at(time.millis(), last));
            } else if (end instanceof EndPosition.Offsets offsets) {
                requireKnown(offsets.offsets().keySet());
                to.putAll(offsets.offsets());
            }
            return to;
        }

        /** The first offsets at or after a time; the ends where there are none. */
        private Map<TopicPartition, Long> at(long millis, Map<TopicPartition, Long> last) {
            Map<TopicPartition, Long> found = offsets(OffsetSpec.forTimestamp(millis));
            found.replaceAll((partition, offset) -> offset < 0 ? last.get(partition) : offset);
            return found;
        }

        private Map<TopicPartition, Long> offsets(OffsetSpec spec) {
            Map<TopicPartition, OffsetSpec> asked =
                    partitions.stream().collect(Collectors.toMap(Function.identity(), it -> spec));
            Map<TopicPartition, Long> offsets = new HashMap<>();
            brokers.ask(
                            "look up offsets",
                            it ->
                                    it.listOffsets(
                                                    asked,
                                                    new ListOffsetsOptions(
                                                            IsolationLevel.READ_COMMITTED))
                                            .all())
                    .forEach((partition, info) -> offsets.put(partition, info.offset()));
            return offsets;
        }

        private Map<TopicPartition, Long> committed() {
            Map<TopicPartition, Long> committed = new HashMap<>();
            brokers.ask(
                            "look up the offsets of group " + groupId,
                            it -> {
                                ListConsumerGroupOffsetsResult result =
                                        it.listConsumerGroupOffsets(groupId);
                                return result.partitionsToOffsetAndMetadata();
                            })
                    .forEach(
                            (partition, offset) -> {
                                if (offset != null && partitions.contains(partition)) {
                                    committed.put(partition, offset.offset());
                                }
                            });
            return committed;
        }

        private void requireKnown(Collection<TopicPartition> named) {
            List<TopicPartition> unknown =
                    named.stream().filter(partition -> !partitions.contains(partition)).toList();
            if (!unknown.isEmpty()) {
                throw new KafkaCheckException(
                        "There is no partition %s at %s; the source reads %s."
                                .formatted(unknown.get(0), brokers.place(), partitions));
            }
        }

        private void requireWithin(
                TopicPartition partition,
                long offset,
                Map<TopicPartition, Long> first,
                Map<TopicPartition, Long> last) {
            if (offset < first.get(partition) || offset > last.get(partition)) {
                throw new KafkaCheckException(
                        "Offset %d is not in partition %s, which holds %d to %d at %s."
                                .formatted(
                                        offset,
                                        partition,
                                        first.get(partition),
                                        last.get(partition),
                                        brokers.place()));
            }
        }
    }

    @Override
    public String toString() {
        Map<String, String> ranges = new TreeMap<>();
        start.forEach(
                (partition, offset) ->
                        ranges.put(
                                partition.toString(), offset + " to before " + end.get(partition)));
        return ranges.toString();
    }
}
