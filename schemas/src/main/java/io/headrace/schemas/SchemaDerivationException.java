package io.headrace.schemas;

/** Thrown when no enriched schema can be derived; the message says why and what to change. */
public final class SchemaDerivationException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public SchemaDerivationException(String message) {
        super(message);
    }
}
