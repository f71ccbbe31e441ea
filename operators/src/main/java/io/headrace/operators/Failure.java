package io.headrace.operators;

import java.util.Objects;

/**
 * Why a record has no results.
 *
 * @param stage where it failed
 * @param errorClass kind of the failure, for filters and alerts
 * @param message what went wrong, in a sentence
 * @param attempts how often it was tried
 */
public record Failure(Stage stage, String errorClass, String message, int attempts) {

    /** Where a record can fail. */
    public enum Stage {
        /** The record's bytes have not the format that the source expects. */
        DECODE,
        /** No text could be made of the record. */
        RENDER,
        /** The engine refused or failed. */
        INFER,
        /** The engine's answer has no faithful typed form. */
        CONVERT,
        /** The enriched record could not be written in the output's format. */
        ENCODE
    }

    public Failure {
        Objects.requireNonNull(stage, "stage");
        Objects.requireNonNull(errorClass, "errorClass");
        Objects.requireNonNull(message, "message");
    }
}
