package io.headrace.jobs;

import io.headrace.connectors.KafkaHeader;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.OutboundRecord;
import io.headrace.operators.Failure;
import io.headrace.operators.Unenriched;
import io.headrace.operators.metrics.FailureCounters;
import io.headrace.operators.metrics.HeadraceMetric;
import io.headrace.operators.metrics.MetricScope;
import io.headrace.schemas.HeadraceSchemas;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/**
 * Writes dead letters: the record as it was read with the reason, as Avro, and the reason again in
 * headers that any tool can read.
 */
final class DeadLetterEncoder extends RichMapFunction<Unenriched<KafkaRecord>, OutboundRecord>
        implements CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    private final String pipeline;
    private final String pipelineVersion;
    private final TopicWriter writer;
    private final RunTally tally = new RunTally("dead-letters");

    private transient FailureCounters failures;

    DeadLetterEncoder(String pipeline, String pipelineVersion, TopicWriter writer) {
        this.pipeline = pipeline;
        this.pipelineVersion = pipelineVersion;
        this.writer = writer;
    }

    @Override
    public void open(OpenContext context) {
        failures =
                new FailureCounters(
                        new MetricScope(getRuntimeContext().getMetricGroup()),
                        HeadraceMetric.WRITTEN_DEAD_LETTERS);
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        tally.initialize(context, getRuntimeContext());
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        tally.snapshot();
    }

    @Override
    public OutboundRecord map(Unenriched<KafkaRecord> unenriched) {
        tally.deadLetter(unenriched.failure());
        failures.count(unenriched.failure());
        Optional<String> excess = Optional.empty();
        for (LetterExtent extent : LetterExtent.values()) {
            OutboundRecord letter = letter(unenriched, extent);
            excess = writer.excess(letter);
            if (excess.isEmpty()) {
                return letter;
            }
        }
        throw new IllegalStateException("Not even a bare dead letter fits: " + excess.orElse(""));
    }

    private OutboundRecord letter(Unenriched<KafkaRecord> unenriched, LetterExtent extent) {
        KafkaRecord record = unenriched.record();
        Failure failure = unenriched.failure();
        List<KafkaHeader> headers =
                new ArrayList<>(extent.headers() ? record.headers() : List.of());
        headers.add(header("headrace.stage", failure.stage().name()));
        headers.add(header("headrace.error", failure.errorClass()));
        headers.add(header("headrace.message", extent.message(failure)));
        headers.add(
                header(
                        "headrace.origin",
                        record.topic() + "/" + record.partition() + "/" + record.offset()));
        if (!extent.dropped().isEmpty()) {
            headers.add(header("headrace.dropped", String.join(",", extent.dropped())));
        }
        return new OutboundRecord(
                extent.key() ? record.key() : null,
                writer.write(datum(unenriched, extent)),
                headers,
                record.timestampMillis());
    }

    private GenericRecord datum(Unenriched<KafkaRecord> unenriched, LetterExtent extent) {
        KafkaRecord record = unenriched.record();
        Failure failure = unenriched.failure();
        GenericData.Record datum = new GenericData.Record(HeadraceSchemas.DEAD_LETTER);
        datum.put("topic", record.topic());
        datum.put("partition", record.partition());
        datum.put("offset", record.offset());
        datum.put("timestamp", record.timestampMillis());
        datum.put("key", wrap(extent.key() ? record.key() : null));
        datum.put("value", wrap(extent.value() ? record.value() : null));
        datum.put("headers", extent.headers() ? headers(record) : List.of());
        datum.put("stage", failure.stage().name());
        datum.put("errorClass", failure.errorClass());
        datum.put("message", extent.message(failure));
        datum.put("attempts", failure.attempts());
        datum.put("pipeline", pipeline);
        datum.put("pipelineVersion", pipelineVersion);
        datum.put("modelDigest", unenriched.modelDigest().orElse(null));
        datum.put("failedAt", System.currentTimeMillis());
        datum.put("dropped", extent.dropped());
        return datum;
    }

    private static List<GenericRecord> headers(KafkaRecord record) {
        Schema schema = HeadraceSchemas.DEAD_LETTER.getField("headers").schema().getElementType();
        List<GenericRecord> headers = new ArrayList<>();
        for (KafkaHeader header : record.headers()) {
            GenericData.Record datum = new GenericData.Record(schema);
            datum.put("name", header.name());
            datum.put("value", wrap(header.value()));
            headers.add(datum);
        }
        return headers;
    }

    private static ByteBuffer wrap(byte[] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private static KafkaHeader header(String name, String value) {
        return new KafkaHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        writer.close();
    }
}
