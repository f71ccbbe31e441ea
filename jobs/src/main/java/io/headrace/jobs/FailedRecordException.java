package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.operators.Failure;

/** Fails the job for a record that would be a dead letter, where the policy asks for that. */
final class FailedRecordException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    FailedRecordException(KafkaRecord record, Failure failure) {
        super(
                "the record %s could not be enriched (%s, %s): %s The failure policy says that this"
                                .formatted(
                                        record.origin(),
                                        failure.stage(),
                                        failure.errorClass(),
                                        failure.message())
                        + " fails the job; choose dead letters to go on.");
    }
}
