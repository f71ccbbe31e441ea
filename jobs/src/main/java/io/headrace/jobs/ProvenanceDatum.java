package io.headrace.jobs;

import io.headrace.operators.Provenance;
import io.headrace.operators.TaskAnswer;
import io.headrace.operators.state.Cascaded;
import io.headrace.schemas.HeadraceSchemas;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Gives what made a record's results the form of {@link HeadraceSchemas#PROVENANCE}. Fields are put
 * in their order there, since a look-up of each name would cost more than all else.
 */
final class ProvenanceDatum implements Serializable {

    private static final long serialVersionUID = 1L;
    private static final Schema ANSWER =
            HeadraceSchemas.PROVENANCE.getField("answers").schema().getElementType();

    private final String pipeline;
    private final ArrayList<String> tasks;

    /**
     * @param tasks their names, in the order of the answers
     */
    ProvenanceDatum(String pipeline, List<String> tasks) {
        this.pipeline = pipeline;
        this.tasks = new ArrayList<>(tasks);
    }

    GenericRecord of(Provenance provenance) {
        GenericData.Record datum = new GenericData.Record(HeadraceSchemas.PROVENANCE);
        int field = 0;
        datum.put(field++, pipeline);
        datum.put(field++, provenance.tasksVersion());
        datum.put(field++, provenance.model());
        datum.put(field++, provenance.modelDigest());
        datum.put(field++, provenance.engine());
        datum.put(field++, provenance.promptTokens());
        datum.put(field++, provenance.cachedTokens());
        datum.put(field++, provenance.outputTokens());
        datum.put(field++, provenance.cacheHit());
        datum.put(field++, provenance.queueMillis());
        datum.put(field++, provenance.computeMillis());
        datum.put(field++, money(provenance.costNanos()));
        datum.put(field, answers(provenance.answers()));
        return datum;
    }

    private List<GenericRecord> answers(List<TaskAnswer> answers) {
        List<GenericRecord> data = new ArrayList<>(answers.size());
        for (int i = 0; i < answers.size(); i++) {
            data.add(answer(tasks.get(i), answers.get(i)));
        }
        return data;
    }

    private static GenericRecord answer(String task, TaskAnswer answer) {
        GenericData.Record datum = new GenericData.Record(ANSWER);
        int field = 0;
        datum.put(field++, task);
        datum.put(field++, answer.model());
        datum.put(field++, answer.cascaded().map(Cascaded::secondAnswered).orElse(false));
        datum.put(
                field++,
                answer.cascaded()
                        .map(Cascaded::firstConfidence)
                        .filter(confidence -> !confidence.isNaN())
                        .orElse(null));
        datum.put(field++, answer.promptTokens());
        datum.put(field++, answer.outputTokens());
        datum.put(field, money(answer.costNanos()));
        return datum;
    }

    private static double money(long costNanos) {
        return costNanos / 1e9;
    }
}
