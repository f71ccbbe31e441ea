package io.headrace.sql.script;

import io.headrace.inference.ModelLoadException;
import io.headrace.sql.RowFailedException;
import java.util.Optional;
import org.apache.flink.table.api.ValidationException;

/** The sentence of a failure that a person can act on, out of the causes that Flink wraps it in. */
final class FailureText {

    private FailureText() {}

    static String of(Throwable failure) {
        Throwable last = failure;
        Throwable telling = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            last = cause;
            if (cause instanceof ValidationException
                    || cause instanceof ModelLoadException
                    || cause instanceof RowFailedException) {
                telling = cause;
            }
        }
        Throwable chosen = telling == null ? last : telling;
        return Optional.ofNullable(chosen.getMessage()).orElse(chosen.toString());
    }
}
