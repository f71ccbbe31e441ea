package io.headrace.connectors;

import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;

/** Builds Flink's Kafka source for records that are not decoded yet. */
public final class KafkaSources {

    private static final String DEFAULT_DISCOVERY_MILLIS = "60000";

    private KafkaSources() {}

    /**
     * Builds a source. Unless the properties say otherwise it reads committed records only and
     * looks for new partitions every minute.
     */
    public static Source<KafkaRecord, ?, ?> build(SourceConfig config) {
        KafkaSourceBuilder<KafkaRecord> builder =
                KafkaSource.<KafkaRecord>builder()
                        .setProperties(propertiesOf(config))
                        .setGroupId(config.groupId())
                        .setStartingOffsets(Positions.of(config.start()))
                        .setDeserializer(new KafkaRecordDeserializationSchema());
        if (config.topics() instanceof TopicSelection.Names names) {
            builder.setTopics(names.topics());
        } else if (config.topics() instanceof TopicSelection.Matching matching) {
            builder.setTopicPattern(Pattern.compile(matching.regex()));
        }
        if (config.end() instanceof EndPosition.Unbounded) {
            return builder.build();
        }
        builder.setBounded(Positions.of(config.end()));
        return new BoundedKafkaSource(builder.build());
    }

    private static Properties propertiesOf(SourceConfig config) {
        Properties properties = new Properties();
        // Records of a transaction that was given up were never sent.
        properties.setProperty("isolation.level", "read_committed");
        properties.setProperty("partition.discovery.interval.ms", DEFAULT_DISCOVERY_MILLIS);
        properties.putAll(config.kafka().clientProperties());
        return properties;
    }
}
