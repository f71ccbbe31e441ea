package io.headrace.inference;

/**
 * A model or its native libraries cannot be used: missing, damaged or unfit. The message is one
 * sentence for the person who named the file.
 */
public final class ModelLoadException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ModelLoadException(String message) {
        super(message);
    }

    public ModelLoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
