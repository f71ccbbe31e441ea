package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.OutboundRecord;
import java.io.Serializable;
import java.util.List;
import org.apache.avro.generic.GenericRecord;

/**
 * How what was enriched becomes a record of the output. Travels with the job graph and is used by
 * one thread.
 */
interface OutputForm<R> extends Serializable, AutoCloseable {

    /**
     * The fields that come before those of the tasks.
     *
     * @throws BadRecordException if they cannot be read
     */
    GenericRecord fields(R record) throws BadRecordException;

    /** Whether the record deletes the output record of its key. */
    default boolean deletes(R record) {
        return false;
    }

    /**
     * The output record.
     *
     * @param value its value, encoded, or null for a deletion
     * @param eventTime Flink's time of the record in milliseconds, or null
     */
    OutboundRecord outbound(R record, byte[] value, Long eventTime);

    /** The records of Kafka that become dead letters where there is no output record. */
    List<KafkaRecord> sources(R record);

    @Override
    default void close() {}
}
