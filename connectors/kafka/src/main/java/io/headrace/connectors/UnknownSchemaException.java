package io.headrace.connectors;

/** Says that the registry has no Avro schema of an id. */
public final class UnknownSchemaException extends RegistryException {

    private static final long serialVersionUID = 1L;

    UnknownSchemaException(String message, Throwable cause) {
        super(message, cause);
    }
}
