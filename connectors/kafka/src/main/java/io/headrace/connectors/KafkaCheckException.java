package io.headrace.connectors;

/** Says in one sentence what of Kafka a job lacks, where, and what to do. */
public final class KafkaCheckException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    KafkaCheckException(String message) {
        super(message);
    }

    KafkaCheckException(String message, Throwable cause) {
        super(message, cause);
    }
}
