package io.headrace.sql;

import io.headrace.operators.task.TaskResult;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.DataType;

/** A column of a classification. */
enum ClassColumn {
    /** The most probable label; null where the task abstained. */
    LABEL,
    /** Its probability over the labels. */
    PROBABILITY,
    /** The second most probable label. */
    RUNNER_UP,
    /** The probability less that of the runner-up. */
    MARGIN;

    DataType type() {
        return switch (this) {
            case LABEL, RUNNER_UP -> DataTypes.STRING();
            case PROBABILITY, MARGIN -> DataTypes.DOUBLE();
        };
    }

    String columnName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<ClassColumn> named(String column) {
        return Arrays.stream(values()).filter(each -> each.columnName().equals(column)).findFirst();
    }

    /** The columns as they are declared. */
    static String declaration() {
        return Arrays.stream(values())
                .map(each -> each.columnName() + " " + each.type())
                .collect(Collectors.joining(", "));
    }

    Object of(TaskResult.Classified result) {
        return switch (this) {
            case LABEL -> result.abstained() ? null : StringData.fromString(result.label());
            case PROBABILITY -> nullIfNaN(result.probability());
            case RUNNER_UP -> result.runnerUp().map(StringData::fromString).orElse(null);
            case MARGIN -> nullIfNaN(result.margin());
        };
    }

    private static Double nullIfNaN(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
