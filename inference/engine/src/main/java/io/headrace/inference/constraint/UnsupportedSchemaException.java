package io.headrace.inference.constraint;

/**
 * A schema that cannot be turned into a constraint. The message is one sentence that names the
 * place, what stands there, and what is supported.
 */
public final class UnsupportedSchemaException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String pointer;

    UnsupportedSchemaException(String pointer, String problem) {
        super("at " + (pointer.isEmpty() ? "the root" : pointer) + ": " + problem);
        this.pointer = pointer;
    }

    /** The JSON Pointer of the place in the schema; empty for the root. */
    public String pointer() {
        return pointer;
    }
}
