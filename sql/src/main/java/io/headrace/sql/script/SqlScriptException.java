package io.headrace.sql.script;

/**
 * Thrown for a script that could not be run to its end; the message says which statement and why.
 */
public final class SqlScriptException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SqlScriptException(String message, Throwable cause) {
        super(message, cause);
    }
}
