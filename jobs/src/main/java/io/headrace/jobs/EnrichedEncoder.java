package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.SchemaRefusedException;
import io.headrace.operators.Enriched;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.Provenance;
import io.headrace.operators.TaskAnswer;
import io.headrace.operators.state.Cascaded;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.schemas.EnrichedSchema;
import io.headrace.schemas.HeadraceSchemas;
import io.headrace.schemas.SchemaDerivationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Writes enriched records in the output's format: the fields of the input record as its writer
 * wrote them, or of the window, one field for each task, and the provenance.
 *
 * <p>The enriched schema follows the schema that each record has, so a field that is new in the
 * input appears in the output. A record that cannot be written goes to the {@link FailureOutput}.
 */
final class EnrichedEncoder<R> extends ProcessFunction<Enriched<R>, OutboundRecord>
        implements CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    /** JSON without a schema can suggest ever new ones. */
    private static final int REMEMBERED_SCHEMAS = 1_000;

    private final String pipeline;
    private final TaskFields tasks;
    private final OutputForm<R> form;
    private final TopicWriter writer;
    private final FailureOutput failures;
    private final RunTally tally = new RunTally("encode");

    private transient Map<Schema, Schema> enrichedSchemas;

    EnrichedEncoder(
            String pipeline,
            TaskFields tasks,
            OutputForm<R> form,
            TopicWriter writer,
            FailureOutput failures) {
        this.pipeline = pipeline;
        this.tasks = tasks;
        this.form = form;
        this.writer = writer;
        this.failures = failures;
    }

    @Override
    public void open(OpenContext context) {
        enrichedSchemas =
                new LinkedHashMap<>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Schema, Schema> eldest) {
                        return size() > REMEMBERED_SCHEMAS;
                    }
                };
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
    public void processElement(
            Enriched<R> enriched, Context context, Collector<OutboundRecord> out) {
        if (form.deletes(enriched.record())) {
            tally.deleted();
            out.collect(form.outbound(enriched.record(), null, context.timestamp()));
            return;
        }
        byte[] value;
        try {
            value = encode(enriched);
        } catch (BadRecordException e) {
            for (KafkaRecord source : form.sources(enriched.record())) {
                failures.put(context, source, e.failure());
            }
            return;
        }
        tally.enriched(enriched, tasks.names());
        out.collect(form.outbound(enriched.record(), value, context.timestamp()));
    }

    private byte[] encode(Enriched<R> enriched) throws BadRecordException {
        try {
            return writer.write(assemble(form.fields(enriched.record()), enriched));
        } catch (ResultConversionException e) {
            throw new BadRecordException(Stage.CONVERT, "Unconvertible", e.getMessage());
        } catch (SchemaDerivationException e) {
            throw new BadRecordException(Stage.ENCODE, "SchemaDerivation", e.getMessage());
        } catch (SchemaRefusedException e) {
            throw new BadRecordException(Stage.ENCODE, "SchemaRefused", e.getMessage());
        } catch (AvroRuntimeException e) {
            throw new BadRecordException(Stage.ENCODE, "Encoding", String.valueOf(e.getMessage()));
        }
    }

    private GenericRecord assemble(GenericRecord input, Enriched<R> enriched) {
        Schema schema =
                enrichedSchemas.computeIfAbsent(
                        input.getSchema(), known -> EnrichedSchema.derive(known, tasks.fields()));
        GenericData.Record datum = new GenericData.Record(schema);
        for (Schema.Field field : input.getSchema().getFields()) {
            datum.put(field.pos(), input.get(field.pos()));
        }
        int position = input.getSchema().getFields().size();
        for (Object result : tasks.values(enriched.results())) {
            datum.put(position++, result);
        }
        datum.put(EnrichedSchema.PROVENANCE_FIELD, provenance(enriched.provenance()));
        return datum;
    }

    private GenericRecord provenance(Provenance provenance) {
        GenericData.Record datum = new GenericData.Record(HeadraceSchemas.PROVENANCE);
        datum.put("pipeline", pipeline);
        datum.put("pipelineVersion", provenance.tasksVersion());
        datum.put("model", provenance.model());
        datum.put("modelDigest", provenance.modelDigest());
        datum.put("engine", provenance.engine());
        datum.put("promptTokens", provenance.promptTokens());
        datum.put("cachedTokens", provenance.cachedTokens());
        datum.put("outputTokens", provenance.outputTokens());
        datum.put("cacheHit", provenance.cacheHit());
        datum.put("queueMillis", provenance.queueMillis());
        datum.put("computeMillis", provenance.computeMillis());
        datum.put("cost", money(provenance.costNanos()));
        datum.put("answers", answers(provenance.answers()));
        return datum;
    }

    private List<GenericRecord> answers(List<TaskAnswer> answers) {
        Schema schema = HeadraceSchemas.PROVENANCE.getField("answers").schema().getElementType();
        List<GenericRecord> data = new ArrayList<>(answers.size());
        for (int i = 0; i < answers.size(); i++) {
            TaskAnswer answer = answers.get(i);
            GenericData.Record datum = new GenericData.Record(schema);
            datum.put("task", tasks.names().get(i));
            datum.put("model", answer.model());
            datum.put("escalated", answer.cascaded().map(Cascaded::secondAnswered).orElse(false));
            datum.put(
                    "firstConfidence",
                    answer.cascaded()
                            .map(Cascaded::firstConfidence)
                            .filter(confidence -> !confidence.isNaN())
                            .orElse(null));
            datum.put("promptTokens", answer.promptTokens());
            datum.put("outputTokens", answer.outputTokens());
            datum.put("cost", money(answer.costNanos()));
            data.add(datum);
        }
        return data;
    }

    private static double money(long costNanos) {
        return costNanos / 1e9;
    }

    @Override
    public void close() {
        form.close();
        writer.close();
    }
}
