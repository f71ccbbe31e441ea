package io.headrace.sql;

import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Task;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.VarCharType;

/**
 * Makes the output columns of a model from what came of a row.
 *
 * @param columns one for each output column, in their order
 */
record OutputRow(List<OutputColumn> columns) implements Serializable {

    static final LogicalType TEXT = VarCharType.STRING_TYPE;

    OutputRow {
        columns = List.copyOf(columns);
    }

    /** The output columns that the task answers. */
    static List<Column> answers(ResolvedSchema output) {
        return output.getColumns().stream()
                .filter(column -> ErrorColumn.named(column.getName()).isEmpty())
                .toList();
    }

    /**
     * For a task and the declared output columns.
     *
     * @throws ValidationException if a column is none of the task's, or has another type
     */
    static OutputRow of(Task task, ResolvedSchema output) {
        List<OutputColumn> columns = new ArrayList<>();
        for (Column column : output.getColumns()) {
            requireNullable(column);
            Optional<ErrorColumn> reason = ErrorColumn.named(column.getName());
            columns.add(reason.isPresent() ? reason(column, reason.get()) : answer(task, column));
        }
        return new OutputRow(columns);
    }

    /** Whether failures have a column to stand in. */
    boolean hasReason() {
        return columns.stream().anyMatch(OutputColumn.Reason.class::isInstance);
    }

    GenericRowData of(Outcome outcome) {
        GenericRowData row = new GenericRowData(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            row.setField(i, columns.get(i).of(outcome));
        }
        return row;
    }

    private static void requireNullable(Column column) {
        if (!column.getDataType().getLogicalType().isNullable()) {
            throw new ValidationException(
                    "output column '"
                            + column.getName()
                            + "' cannot be NOT NULL: a row without answer has no value; leave NOT"
                            + " NULL out");
        }
    }

    private static OutputColumn reason(Column column, ErrorColumn reason) {
        requireType(column, DataTypes.STRING());
        return new OutputColumn.Reason(reason);
    }

    private static OutputColumn answer(Task task, Column column) {
        if (task instanceof Classify) {
            ClassColumn part =
                    ClassColumn.named(column.getName())
                            .orElseThrow(
                                    () -> unknown(column, "classify", ClassColumn.declaration()));
            requireType(column, part.type());
            return new OutputColumn.ClassPart(part);
        }
        Schema given = task.field().schema();
        if (given.getType() != Schema.Type.RECORD) {
            requireType(column, given);
            return new OutputColumn.Whole(given);
        }
        Schema.Field field = given.getField(column.getName());
        if (field == null) {
            throw unknown(column, "the schema", declaration(given));
        }
        requireType(column, field.schema());
        return new OutputColumn.Field(column.getName());
    }

    private static ValidationException unknown(Column column, String source, String declaration) {
        return new ValidationException(
                "output column '"
                        + column.getName()
                        + "' is none that "
                        + source
                        + " gives; write OUTPUT with any of "
                        + declaration
                        + ", error STRING, error_class STRING");
    }

    private static String declaration(Schema schema) {
        return schema.getFields().stream()
                .map(field -> field.name() + " " + SqlTypes.toSql(field.schema()))
                .collect(Collectors.joining(", "));
    }

    /** A declared timestamp may be with or without local time zone: both hold UTC here. */
    private static void requireType(Column column, Schema schema) {
        DataType declared = column.getDataType();
        DataType given = SqlTypes.toSql(schema);
        if (!plain(declared).equals(plain(given))) {
            requireType(column, given);
        }
    }

    private static String plain(DataType type) {
        return type.getLogicalType()
                .asSerializableString()
                .replace(" NOT NULL", "")
                .replace(" WITH LOCAL TIME ZONE", "")
                .replaceAll("TIME\\(\\d\\)", "TIME");
    }

    private static void requireType(Column column, DataType type) {
        if (!column.getDataType().getLogicalType().equals(type.getLogicalType())) {
            throw new ValidationException(
                    "output column '"
                            + column.getName()
                            + "' is declared as "
                            + column.getDataType()
                            + "; write "
                            + column.getName()
                            + " "
                            + type);
        }
    }
}
