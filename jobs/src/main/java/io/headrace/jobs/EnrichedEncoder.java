package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.RegistryException;
import io.headrace.operators.Enriched;
import io.headrace.operators.Failure;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.Provenance;
import io.headrace.operators.Unenriched;
import io.headrace.operators.UnusableRecordException;
import io.headrace.operators.state.WrapperTypeInformation;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import io.headrace.schemas.EnrichedSchema;
import io.headrace.schemas.HeadraceSchemas;
import io.headrace.schemas.SchemaDerivationException;
import io.headrace.schemas.TaskField;
import java.util.IdentityHashMap;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Writes enriched records in the output's format: the fields of the input record as its writer
 * wrote them, one field for each task, and the provenance.
 *
 * <p>The enriched schema follows the schema that each record was written with, so a field that is
 * new in the input appears in the output. A record that cannot be written goes to the side output
 * {@link #FAILURES}.
 */
final class EnrichedEncoder extends ProcessFunction<Enriched<KafkaRecord>, OutboundRecord> {

    /** Records that could not be written. */
    static final OutputTag<Unenriched<KafkaRecord>> FAILURES =
            new OutputTag<>(
                    "unencoded", WrapperTypeInformation.unenriched(KafkaRecord.typeInformation()));

    private static final long serialVersionUID = 1L;

    private final String pipeline;
    private final TaskSet tasks;
    private final RecordDecoder decoder;
    private final SubjectWriter writer;

    private transient IdentityHashMap<Schema, Schema> enrichedSchemas;

    EnrichedEncoder(String pipeline, TaskSet tasks, RecordDecoder decoder, SubjectWriter writer) {
        this.pipeline = pipeline;
        this.tasks = tasks;
        this.decoder = decoder;
        this.writer = writer;
    }

    @Override
    public void open(OpenContext context) {
        writer.open();
        // By identity: the reader gives one instance for each schema id.
        enrichedSchemas = new IdentityHashMap<>();
    }

    @Override
    public void processElement(
            Enriched<KafkaRecord> enriched, Context context, Collector<OutboundRecord> out)
            throws Exception {
        KafkaRecord record = enriched.record();
        byte[] value;
        try {
            value = writer.write(assemble(decoder.decode(record), enriched));
        } catch (UnusableRecordException e) {
            fail(context, record, Stage.DECODE, "RecordFormat", e.getMessage());
            return;
        } catch (ResultConversionException e) {
            fail(context, record, Stage.CONVERT, "Unconvertible", e.getMessage());
            return;
        } catch (SchemaDerivationException e) {
            fail(context, record, Stage.ENCODE, "SchemaDerivation", e.getMessage());
            return;
        } catch (RegistryException e) {
            fail(context, record, Stage.ENCODE, "SchemaRefused", e.getMessage());
            return;
        } catch (AvroRuntimeException e) {
            fail(context, record, Stage.ENCODE, "Encoding", String.valueOf(e.getMessage()));
            return;
        }
        out.collect(
                new OutboundRecord(
                        record.key(), value, record.headers(), record.timestampMillis()));
    }

    private static void fail(
            Context context, KafkaRecord record, Stage stage, String errorClass, String message) {
        context.output(
                FAILURES, new Unenriched<>(record, new Failure(stage, errorClass, message, 1)));
    }

    private GenericRecord assemble(GenericRecord input, Enriched<KafkaRecord> enriched) {
        Schema schema =
                enrichedSchemas.computeIfAbsent(
                        input.getSchema(), known -> EnrichedSchema.derive(known, fields(tasks)));
        GenericData.Record datum = new GenericData.Record(schema);
        for (Schema.Field field : input.getSchema().getFields()) {
            datum.put(field.pos(), input.get(field.pos()));
        }
        List<Task> list = tasks.tasks();
        for (int i = 0; i < list.size(); i++) {
            datum.put(list.get(i).name(), list.get(i).toAvro(enriched.results().get(i)));
        }
        datum.put(EnrichedSchema.PROVENANCE_FIELD, provenance(enriched.provenance()));
        return datum;
    }

    /** The fields that the tasks add. */
    static List<TaskField> fields(TaskSet tasks) {
        return tasks.tasks().stream().map(Task::field).toList();
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
        return datum;
    }

    @Override
    public void close() {
        writer.close();
    }
}
