package io.headrace.connectors;

import java.io.Serializable;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Where a source without saved state begins to read. */
public sealed interface StartPosition extends Serializable {

    /** The oldest record that Kafka still has. */
    record Earliest() implements StartPosition {}

    /** Only records that arrive after the start. */
    record Latest() implements StartPosition {}

    /** The group's committed offsets; the oldest record in partitions without one. */
    record Committed() implements StartPosition {}

    /** The first record at or after a time, in milliseconds since 1970. */
    record Timestamp(long millis) implements StartPosition {
        public Timestamp {
            Positions.requireTime(millis);
        }
    }

    /** The first record to read of each partition; the oldest in partitions not named. */
    record Offsets(Map<TopicPartition, Long> offsets) implements StartPosition {
        public Offsets {
            offsets = Positions.copyOf(offsets);
        }
    }
}
