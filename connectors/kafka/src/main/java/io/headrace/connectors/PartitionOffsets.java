package io.headrace.connectors;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/**
 * Offsets given for some partitions, and for all others their beginning or their end as it is when
 * they are asked.
 *
 * <p>The connector's own falls back to the group's committed offsets, and as an end leaves a
 * partition without any unbounded. Its latest offset is looked up anew after each recovery; this
 * one is fixed once, so that a bounded job that fails does not grow.
 */
@SuppressWarnings("deprecation") // The connector still takes Kafka's old OffsetResetStrategy.
final class PartitionOffsets implements OffsetsInitializer {

    private static final long serialVersionUID = 1L;

    private final Map<TopicPartition, Long> given;
    private final boolean othersAtEnd;

    private PartitionOffsets(Map<TopicPartition, Long> given, boolean othersAtEnd) {
        this.given = Map.copyOf(given);
        this.othersAtEnd = othersAtEnd;
    }

    static PartitionOffsets orBeginning(Map<TopicPartition, Long> given) {
        return new PartitionOffsets(given, false);
    }

    static PartitionOffsets orEnd(Map<TopicPartition, Long> given) {
        return new PartitionOffsets(given, true);
    }

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
        List<TopicPartition> others =
                partitions.stream().filter(partition -> !given.containsKey(partition)).toList();
        Map<TopicPartition, Long> offsets = new HashMap<>(given);
        offsets.keySet().retainAll(partitions);
        if (!others.isEmpty()) {
            offsets.putAll(
                    othersAtEnd
                            ? retriever.endOffsets(others)
                            : retriever.beginningOffsets(others));
        }
        return offsets;
    }

    @Override
    public OffsetResetStrategy getAutoOffsetResetStrategy() {
        return othersAtEnd ? OffsetResetStrategy.LATEST : OffsetResetStrategy.EARLIEST;
    }
}
