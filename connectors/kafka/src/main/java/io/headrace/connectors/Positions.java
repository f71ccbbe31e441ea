package io.headrace.connectors;

import java.util.Map;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.TopicPartition;

/** Checks positions in topics and puts them in the connector's terms. */
@SuppressWarnings("deprecation") // The connector still takes Kafka's old OffsetResetStrategy.
final class Positions {

    private Positions() {}

    static void requireTime(long millis) {
        if (millis < 0) {
            throw new IllegalArgumentException("A time in a topic is not before 1970: " + millis);
        }
    }

    static Map<TopicPartition, Long> copyOf(Map<TopicPartition, Long> offsets) {
        if (offsets.isEmpty()) {
            throw new IllegalArgumentException("At least one partition's offset must be given");
        }
        offsets.forEach(
                (partition, offset) -> {
                    if (offset < 0) {
                        throw new IllegalArgumentException(
                                "The offset of " + partition + " is negative: " + offset);
                    }
                });
        return Map.copyOf(offsets);
    }

    static OffsetsInitializer of(StartPosition start) {
        if (start instanceof StartPosition.Timestamp timestamp) {
            return OffsetsInitializer.timestamp(timestamp.millis());
        }
        if (start instanceof StartPosition.Offsets offsets) {
            return PartitionOffsets.orBeginning(offsets.offsets());
        }
        if (start instanceof StartPosition.Committed) {
            return OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST);
        }
        return start instanceof StartPosition.Latest
                ? OffsetsInitializer.latest()
                : OffsetsInitializer.earliest();
    }

    /** Puts an end that is one in the connector's terms. */
    static OffsetsInitializer of(EndPosition end) {
        if (end instanceof EndPosition.Timestamp timestamp) {
            return OffsetsInitializer.timestamp(timestamp.millis());
        }
        return PartitionOffsets.orEnd(
                end instanceof EndPosition.Offsets offsets ? offsets.offsets() : Map.of());
    }
}
