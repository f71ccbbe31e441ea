package io.headrace.connectors;

import java.io.Serializable;
import java.util.Objects;

/**
 * What a Kafka source reads, and from where to where.
 *
 * @param kafka how to reach the brokers; its properties reach the consumer
 * @param topics the topics
 * @param groupId the consumer group that offsets are committed to
 * @param start where to begin without saved state
 * @param end where to end
 */
public record SourceConfig(
        KafkaConnection kafka,
        TopicSelection topics,
        String groupId,
        StartPosition start,
        EndPosition end)
        implements Serializable {

    public SourceConfig {
        Objects.requireNonNull(kafka, "kafka");
        Objects.requireNonNull(topics, "topics");
        Settings.requireText("groupId", groupId);
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(end, "end");
    }

    /** Reads a topic from its oldest record on, without end. */
    public static SourceConfig of(KafkaConnection kafka, String topic, String groupId) {
        return new SourceConfig(
                kafka,
                TopicSelection.of(topic),
                groupId,
                new StartPosition.Earliest(),
                new EndPosition.Unbounded());
    }

    public SourceConfig from(StartPosition position) {
        return new SourceConfig(kafka, topics, groupId, position, end);
    }

    public SourceConfig until(EndPosition position) {
        return new SourceConfig(kafka, topics, groupId, start, position);
    }
}
