package io.headrace.connectors;

/** Says in one sentence that the schema registry does not answer now; a later try may succeed. */
public final class RegistryUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RegistryUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
