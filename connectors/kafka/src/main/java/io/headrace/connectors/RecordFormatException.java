package io.headrace.connectors;

/**
 * Says in one sentence why a record's bytes are no record. Permanent: the same bytes fail again, so
 * they belong to the dead letters.
 */
public final class RecordFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    public RecordFormatException(String message) {
        super(message);
    }

    public RecordFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
