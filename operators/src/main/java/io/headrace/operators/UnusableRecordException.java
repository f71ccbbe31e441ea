package io.headrace.operators;

/** Thrown for a record that can never be enriched; it becomes a dead letter with this reason. */
public final class UnusableRecordException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Failure.Stage stage;
    private final String errorClass;

    public UnusableRecordException(Failure.Stage stage, String errorClass, String message) {
        super(message);
        this.stage = stage;
        this.errorClass = errorClass;
    }

    Failure toFailure() {
        return new Failure(stage, errorClass, getMessage(), 1);
    }
}
