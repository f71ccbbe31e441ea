package io.headrace.connectors;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

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
        List<Header> headers = new ArrayList<>(record.headers().size());
        for (KafkaHeader header : record.headers()) {
            headers.add(new RecordHeader(header.name(), header.value()));
        }
        return new ProducerRecord<>(
                topic, null, timestampMillis, record.key(), record.value(), headers);
    }
}
