package io.headrace.sql;

/** Fails the job for a row without answer, since nothing else was asked for. */
public final class RowFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RowFailedException(Outcome.Failed failed) {
        super(
                "A row failed ("
                        + failed.errorClass()
                        + "): "
                        + failed.message()
                        + ". To keep the job running, declare a column error STRING in the model's"
                        + " OUTPUT or set 'on-error' = 'null'.");
    }
}
