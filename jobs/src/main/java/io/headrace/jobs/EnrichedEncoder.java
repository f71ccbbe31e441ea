package io.headrace.jobs;

import io.headrace.connectors.ExtendedRecord;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.SchemaRefusedException;
import io.headrace.operators.Enriched;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.schemas.EnrichedSchema;
import io.headrace.schemas.SchemaDerivationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
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

    private final ProvenanceDatum provenance;
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
        this.provenance = new ProvenanceDatum(pipeline, tasks.names());
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
        boolean deletion = form.deletes(enriched.record());
        OutboundRecord outbound;
        try {
            byte[] value = deletion ? null : encode(enriched);
            outbound = form.outbound(enriched.record(), value, context.timestamp());
            requireSize(outbound);
        } catch (BadRecordException e) {
            for (KafkaRecord source : form.sources(enriched.record())) {
                failures.put(context, source, e.failure());
            }
            return;
        }
        if (deletion) {
            tally.deleted();
        } else {
            tally.enriched(enriched, tasks.names());
        }
        out.collect(outbound);
    }

    private void requireSize(OutboundRecord outbound) throws BadRecordException {
        Optional<String> excess = writer.excess(outbound);
        if (excess.isPresent()) {
            throw new BadRecordException(Stage.ENCODE, "RecordTooLarge", excess.get());
        }
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
        List<Object> added = tasks.values(enriched.results());
        added.add(provenance.of(enriched.provenance()));
        return new ExtendedRecord(schema, input, added);
    }

    @Override
    public void close() {
        form.close();
        writer.close();
    }
}
