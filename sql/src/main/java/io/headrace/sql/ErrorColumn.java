package io.headrace.sql;

import java.util.Locale;
import java.util.Optional;
import org.apache.flink.table.data.StringData;

/**
 * A column of a model's output that says why a row has no answer; null where it has one.
 *
 * <p>The names are fixed. Flink 2.3's {@code CREATE MODEL} takes physical columns only, so a column
 * of this name is an error column; the Table API can declare it as a metadata column too.
 */
enum ErrorColumn {
    /** The reason, in a sentence. */
    ERROR,
    /** The kind of failure. */
    ERROR_CLASS;

    private static final String NO_TEXT = "there is no text";

    String columnName() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<ErrorColumn> named(String column) {
        for (ErrorColumn each : values()) {
            if (each.columnName().equals(column)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    StringData of(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return StringData.fromString(this == ERROR ? failed.message() : failed.errorClass());
        }
        return outcome instanceof Outcome.NoText
                ? StringData.fromString(this == ERROR ? NO_TEXT : "EmptyText")
                : null;
    }
}
