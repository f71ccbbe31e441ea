package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.TextRecord;
import java.util.List;
import org.apache.avro.generic.GenericRecord;

/**
 * An output record for each input record, with its fields, key and headers.
 *
 * @param keepsEventTime whether Kafka is told Flink's time of a record rather than that which the
 *     record had in Kafka
 */
record RecordOutput(RecordDecoder decoder, boolean keepsEventTime)
        implements OutputForm<TextRecord> {

    @Override
    public GenericRecord fields(TextRecord record) throws BadRecordException {
        return decoder.decodeAgain(record.source());
    }

    @Override
    public boolean deletes(TextRecord record) {
        return record.source().isTombstone();
    }

    @Override
    public OutboundRecord outbound(TextRecord record, byte[] value, Long eventTime) {
        KafkaRecord source = record.source();
        long time = keepsEventTime && eventTime != null ? eventTime : source.timestampMillis();
        return new OutboundRecord(source.key(), value, source.headers(), time);
    }

    @Override
    public List<KafkaRecord> sources(TextRecord record) {
        return List.of(record.source());
    }

    @Override
    public void close() {
        decoder.close();
    }
}
