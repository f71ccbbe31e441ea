package io.headrace.connectors;

import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;

/** Builds Flink's Kafka sink for records that are encoded already. */
public final class KafkaSinks {

    private KafkaSinks() {}

    /** Builds a sink that keeps key, headers and timestamp. */
    public static KafkaSink<OutboundRecord> build(SinkConfig config) {
        KafkaSinkBuilder<OutboundRecord> builder =
                KafkaSink.<OutboundRecord>builder()
                        .setKafkaProducerConfig(propertiesOf(config))
                        .setBootstrapServers(config.kafka().bootstrapServers())
                        .setDeliveryGuarantee(config.guarantee())
                        .setRecordSerializer(new OutboundRecordSerialization(config.topic()));
        if (config.guarantee() == DeliveryGuarantee.EXACTLY_ONCE) {
            builder.setTransactionalIdPrefix(config.transactionalIdPrefix());
        }
        return builder.build();
    }

    private static Properties propertiesOf(SinkConfig config) {
        Properties properties = config.kafka().clientProperties();
        // The connector's default of an hour is above what brokers allow by default.
        properties.setProperty(
                "transaction.timeout.ms", Long.toString(config.transactionTimeout().toMillis()));
        return properties;
    }
}
