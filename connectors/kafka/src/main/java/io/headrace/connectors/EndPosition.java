package io.headrace.connectors;

import java.io.Serializable;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Where a source ends, if it does; with an end the job ends by itself. */
public sealed interface EndPosition extends Serializable {

    /** Never. */
    record Unbounded() implements EndPosition {}

    /** At what was the end of each partition when the job started. */
    record LatestAtStart() implements EndPosition {}

    /** Before the first record at or after a time, in milliseconds since 1970. */
    record Timestamp(long millis) implements EndPosition {
        public Timestamp {
            Positions.requireTime(millis);
        }
    }

    /** Before an offset of each partition; at the end at start in partitions not named. */
    record Offsets(Map<TopicPartition, Long> offsets) implements EndPosition {
        public Offsets {
            offsets = Positions.copyOf(offsets);
        }
    }
}
