package io.headrace.operators.task;

/** Thrown when an answer cannot be converted to the type of its task; the message says why. */
public final class ResultConversionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ResultConversionException(String message) {
        super(message);
    }
}
