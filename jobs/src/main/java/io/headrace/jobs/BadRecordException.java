package io.headrace.jobs;

import io.headrace.operators.Failure;
import io.headrace.operators.Failure.Stage;
import java.util.Objects;

/** Thrown for a record that can never be enriched; it becomes a dead letter with this reason. */
final class BadRecordException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Stage stage;
    private final String errorClass;

    BadRecordException(Stage stage, String errorClass, String message) {
        super(Objects.requireNonNull(message, "message"));
        this.stage = stage;
        this.errorClass = errorClass;
    }

    Failure failure() {
        return new Failure(stage, errorClass, getMessage(), 1);
    }
}
