package io.headrace.sql;

import io.headrace.operators.task.TaskResult;
import java.io.Serializable;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** Where the value of a model's output column comes from. */
sealed interface OutputColumn extends Serializable {

    /** Flink's internal value for a row that ended so; null where there is none. */
    Object of(Outcome outcome);

    /** Why there is no answer. */
    record Reason(ErrorColumn column) implements OutputColumn {
        @Override
        public Object of(Outcome outcome) {
            return column.of(outcome);
        }
    }

    /** A part of a classification. */
    record ClassPart(ClassColumn column) implements OutputColumn {
        @Override
        public Object of(Outcome outcome) {
            return outcome instanceof Outcome.Answered answered
                    ? column.of((TaskResult.Classified) answered.result())
                    : null;
        }
    }

    /** A field of an extracted record. */
    record Field(String name) implements OutputColumn {
        @Override
        public Object of(Outcome outcome) {
            if (!(outcome instanceof Outcome.Answered answered)) {
                return null;
            }
            GenericRecord record = (GenericRecord) answered.datum();
            return AvroValues.toInternal(
                    record.get(name), record.getSchema().getField(name).schema());
        }
    }

    /**
     * The whole answer.
     *
     * @param schema its Avro type
     */
    record Whole(Schema schema) implements OutputColumn {
        @Override
        public Object of(Outcome outcome) {
            return outcome instanceof Outcome.Answered answered
                    ? AvroValues.toInternal(answered.datum(), schema)
                    : null;
        }
    }
}
