package io.headrace.connectors;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Turns Kafka's records into {@link KafkaRecord}s without looking into them: a record that cannot
 * be decoded must not fail the source, but reach the operator that can send it to the dead letters.
 */
public final class KafkaRecordDeserializationSchema
        implements org.apache.flink.connector.kafka.source.reader.deserializer
                        .KafkaRecordDeserializationSchema<
                KafkaRecord> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<KafkaRecord> out) {
        out.collect(toRecord(record));
    }

    static KafkaRecord toRecord(ConsumerRecord<byte[], byte[]> record) {
        RecordOrigin origin =
                new RecordOrigin(
                        record.topic(), record.partition(), record.offset(), record.timestamp());
        return new KafkaRecord(origin, record.key(), record.value(), headersOf(record.headers()));
    }

    private static List<KafkaHeader> headersOf(Headers headers) {
        List<KafkaHeader> copy = new ArrayList<>();
        for (Header header : headers) {
            copy.add(new KafkaHeader(header.key(), header.value()));
        }
        return copy;
    }

    @Override
    public TypeInformation<KafkaRecord> getProducedType() {
        return KafkaRecord.typeInformation();
    }
}
