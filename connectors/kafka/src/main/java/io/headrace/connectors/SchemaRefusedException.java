package io.headrace.connectors;

/**
 * Says why the registry takes no such schema: what is written with it belongs to the dead letters.
 */
public final class SchemaRefusedException extends RegistryException {

    private static final long serialVersionUID = 1L;

    public SchemaRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
