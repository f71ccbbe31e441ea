package io.headrace.connectors;

import java.util.Arrays;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Hands the bytes of an {@link OutboundRecord} to Kafka's producer, which picks the partition. */
final class OutboundRecordSerialization implements KafkaRecordSerializationSchema<OutboundRecord> {

    private static final long serialVersionUID = 1L;

    private final String topic;

    OutboundRecordSerialization(String topic) {
        this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
            OutboundRecord record, KafkaSinkContext context, Long flinkTimestampMillis) {
        Long timestampMillis = record.timestampMillis() < 0 ? null : record.timestampMillis();
        return new ProducerRecord<>(
                topic,
                null,
                timestampMillis,
                record.key(),
                record.value(),
                Arrays.asList(record.kafkaHeaders()));
    }
}
