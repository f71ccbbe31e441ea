package io.headrace.jobs.eval;

/** Thrown when nothing can be measured; the message says why. */
public final class EvalException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public EvalException(String message) {
        super(message);
    }
}
