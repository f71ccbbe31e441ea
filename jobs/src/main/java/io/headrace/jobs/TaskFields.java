package io.headrace.jobs;

import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import io.headrace.schemas.ClassificationSchema;
import io.headrace.schemas.TaskField;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** The fields that the tasks add to the output, and their values. */
final class TaskFields implements Serializable {

    private static final long serialVersionUID = 1L;

    private final TaskSet tasks;
    private final List<TaskFieldSchema> schemas;
    private final ArrayList<String> names = new ArrayList<>();

    /** The schema of a field; Flink ships it as it is, so that both ends hold the same. */
    private record TaskFieldSchema(Schema schema, boolean isEnum) implements Serializable {}

    /**
     * Creates the fields.
     *
     * @param enumTasks names of the classifications whose labels are an enum in the output, not
     *     strings
     */
    TaskFields(TaskSet tasks, Set<String> enumTasks) {
        this.tasks = tasks;
        this.schemas = new ArrayList<>();
        for (Task task : tasks.tasks()) {
            names.add(task.name());
            schemas.add(
                    task instanceof Classify classify && enumTasks.contains(task.name())
                            ? new TaskFieldSchema(enumSchema(classify), true)
                            : new TaskFieldSchema(task.field().schema(), false));
        }
    }

    private static Schema enumSchema(Classify task) {
        return ClassificationSchema.withEnum(
                task.name(), task.labels().stream().map(Label::name).toList());
    }

    List<String> names() {
        return names;
    }

    List<TaskField> fields() {
        List<TaskField> fields = new ArrayList<>();
        for (int i = 0; i < schemas.size(); i++) {
            TaskField field = tasks.tasks().get(i).field();
            fields.add(new TaskField(field.name(), schemas.get(i).schema(), field.doc()));
        }
        return fields;
    }

    /** The values of the fields, in their order; null where a task abstained. */
    List<Object> values(List<TaskResult> results) {
        List<Object> values = new ArrayList<>(results.size() + 1);
        for (int i = 0; i < results.size(); i++) {
            Object value = tasks.tasks().get(i).toAvro(results.get(i));
            TaskFieldSchema field = schemas.get(i);
            values.add(
                    field.isEnum() && value instanceof GenericRecord classification
                            ? ClassificationSchema.toEnum(classification, field.schema())
                            : value);
        }
        return values;
    }
}
