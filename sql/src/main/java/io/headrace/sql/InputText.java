package io.headrace.sql;

import java.io.Serializable;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalType;

/**
 * The text that the model sees of a row: the value of a single input column, or one line {@code
 * name: value} for each of several. Columns that are null are left out.
 */
final class InputText implements Serializable {

    private static final long serialVersionUID = 1L;

    private record Part(String name, LogicalType type, RowData.FieldGetter getter)
            implements Serializable {}

    private final List<Part> parts;

    private InputText(List<Part> parts) {
        this.parts = parts;
    }

    /**
     * For the input columns of a model.
     *
     * @throws ValidationException if a column has no obvious text
     */
    static InputText of(ResolvedSchema input) {
        List<Part> parts = new ArrayList<>();
        for (Column column : input.getColumns()) {
            LogicalType type = column.getDataType().getLogicalType();
            requireText(column.getName(), type);
            parts.add(
                    new Part(
                            column.getName(), type, RowData.createFieldGetter(type, parts.size())));
        }
        return new InputText(List.copyOf(parts));
    }

    private static void requireText(String name, LogicalType type) {
        switch (type.getTypeRoot()) {
            case CHAR, VARCHAR, BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, FLOAT, DOUBLE -> {}
            case DECIMAL, DATE, TIME_WITHOUT_TIME_ZONE, TIMESTAMP_WITHOUT_TIME_ZONE -> {}
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> {}
            default ->
                    throw new ValidationException(
                            "input column '"
                                    + name
                                    + "' is of type "
                                    + type
                                    + "; declare it as STRING and cast it in the query");
        }
    }

    /** The text of a row, or null when every column is null. */
    String of(RowData row) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            Object value = part.getter().getFieldOrNull(row);
            if (value != null) {
                if (parts.size() > 1) {
                    text.append(text.isEmpty() ? "" : "\n").append(part.name()).append(": ");
                }
                text.append(show(value, part.type()));
            }
        }
        return text.isEmpty() ? null : text.toString();
    }

    private static String show(Object value, LogicalType type) {
        return switch (type.getTypeRoot()) {
            case DATE -> LocalDate.ofEpochDay((Integer) value).toString();
            case TIME_WITHOUT_TIME_ZONE ->
                    LocalTime.ofNanoOfDay(TimeUnit.MILLISECONDS.toNanos((Integer) value))
                            .toString();
            default -> value.toString();
        };
    }
}
