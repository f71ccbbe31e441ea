package io.headrace.jobs;

import io.headrace.connectors.RecordOrigin;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.kafka.common.TopicPartition;

/**
 * How far a run has read each partition. When a job has ended in order, nothing before these
 * positions is left undone, unlike the offsets that a source commits with a checkpoint: there the
 * operator may still hold records.
 */
final class ReadPositions implements Serializable {

    /** Name of the accumulator. */
    static final String NAME = "headrace-positions";

    private static final long serialVersionUID = 1L;
    private static final char SEPARATOR = '/';

    private final CheckpointedTally tally = new CheckpointedTally(NAME, Tally.Merge.MAXIMUM);

    void initialize(FunctionInitializationContext context, RuntimeContext runtime)
            throws Exception {
        tally.initialize(context, runtime);
    }

    void snapshot() throws Exception {
        tally.snapshot();
    }

    void read(RecordOrigin origin) {
        tally.add(origin.topic() + SEPARATOR + origin.partition(), origin.offset() + 1);
    }

    /** Reads what a job has counted: the offset after the last record of each partition. */
    static Map<TopicPartition, Long> positions(Map<String, Object> accumulators) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        if (accumulators.get(NAME) instanceof Tally.Numbers counted) {
            counted.byName().forEach((name, offset) -> positions.put(partition(name), offset));
        }
        return positions;
    }

    private static TopicPartition partition(String name) {
        int separator = name.lastIndexOf(SEPARATOR);
        return new TopicPartition(
                name.substring(0, separator), Integer.parseInt(name.substring(separator + 1)));
    }
}
