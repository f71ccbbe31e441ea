package io.headrace.jobs;

import io.headrace.connectors.EventTimeField;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.RecordFormatException;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;

/**
 * Takes the time of records from a field of their values. A record without such a time keeps
 * Kafka's: it will be a dead letter, and must not hold the watermark back.
 *
 * <p>The decoder is opened once for all partitions of a subtask and never closed, since assigners
 * have no end; a registry's client holds nothing but what it has learnt.
 */
final class RecordTimes implements TimestampAssignerSupplier<KafkaRecord> {

    private static final long serialVersionUID = 1L;

    private final RecordDecoder decoder;
    private final EventTimeField field;

    RecordTimes(RecordDecoder decoder, EventTimeField field) {
        this.decoder = decoder;
        this.field = field;
    }

    @Override
    public TimestampAssigner<KafkaRecord> createTimestampAssigner(Context context) {
        return (record, kafkaMillis) -> millisOf(record, kafkaMillis);
    }

    private long millisOf(KafkaRecord record, long kafkaMillis) {
        try {
            return field.millisOf(decoder.decode(record));
        } catch (BadRecordException | RecordFormatException e) {
            return kafkaMillis;
        }
    }
}
