package io.headrace.connectors;

import java.io.Serializable;
import java.util.Objects;

/**
 * Where and when a record lay in Kafka.
 *
 * @param topic the topic
 * @param partition the partition
 * @param offset the offset in the partition
 * @param timestampMillis Kafka's timestamp, milliseconds since 1970; negative where there is none
 */
public record RecordOrigin(String topic, int partition, long offset, long timestampMillis)
        implements Serializable {

    public RecordOrigin {
        Objects.requireNonNull(topic, "topic");
    }

    @Override
    public String toString() {
        return topic + "-" + partition + "@" + offset;
    }
}
