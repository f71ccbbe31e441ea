package io.headrace.jobs;

import io.headrace.connectors.EventTimeField;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.RecordFormatException;
import io.headrace.connectors.TextRecord;
import io.headrace.operators.Failure.Stage;
import java.nio.charset.StandardCharsets;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Decodes each record once to make its key and the text that the model sees. A record of which none
 * can be made goes to the {@link FailureOutput}.
 */
final class RecordPreparation extends ProcessFunction<KafkaRecord, TextRecord>
        implements CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    private final RecordDecoder decoder;
    private final RecordFields fields;
    private final FailureOutput failures;
    private final ReadPositions positions = new ReadPositions();
    private transient TextTemplate template;

    /**
     * What is taken from a record.
     *
     * @param key the field that records are ordered under, or null for the Kafka record's own key
     * @param text the template of the text
     * @param eventTime the field that must tell the time, or null for Kafka's timestamp
     * @param upsert whether a tombstone deletes the row of its key and goes on
     */
    record RecordFields(String key, String text, EventTimeField eventTime, boolean upsert)
            implements java.io.Serializable {}

    RecordPreparation(RecordDecoder decoder, RecordFields fields, FailureOutput failures) {
        this.decoder = decoder;
        this.fields = fields;
        this.failures = failures;
    }

    @Override
    public void open(OpenContext context) {
        template = TextTemplate.parse(fields.text());
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        positions.initialize(context, getRuntimeContext());
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        positions.snapshot();
    }

    @Override
    public void processElement(KafkaRecord record, Context context, Collector<TextRecord> out) {
        positions.read(record.origin());
        if (fields.upsert() && record.isTombstone() && record.key() != null) {
            out.collect(new TextRecord(record, kafkaKeyOf(record), ""));
            return;
        }
        TextRecord prepared;
        try {
            GenericRecord value = decoder.decode(record);
            requireTime(value);
            prepared = new TextRecord(record, keyOf(record, value), textOf(value));
        } catch (BadRecordException e) {
            failures.put(context, record, e.failure());
            return;
        }
        out.collect(prepared);
    }

    private void requireTime(GenericRecord value) throws BadRecordException {
        if (fields.eventTime() != null) {
            try {
                fields.eventTime().millisOf(value);
            } catch (RecordFormatException e) {
                throw new BadRecordException(Stage.DECODE, "EventTime", e.getMessage());
            }
        }
    }

    private String textOf(GenericRecord value) throws BadRecordException {
        try {
            return template.render(value);
        } catch (IllegalArgumentException e) {
            throw new BadRecordException(Stage.RENDER, "Template", e.getMessage());
        }
    }

    /** A record without a key is a key of its own. */
    private String keyOf(KafkaRecord record, GenericRecord value) {
        if (fields.key() == null) {
            return kafkaKeyOf(record);
        }
        boolean present = value.hasField(fields.key()) && value.get(fields.key()) != null;
        return present ? value.get(fields.key()).toString() : record.origin().toString();
    }

    private static String kafkaKeyOf(KafkaRecord record) {
        return record.key() == null
                ? record.origin().toString()
                : new String(record.key(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        decoder.close();
    }
}
