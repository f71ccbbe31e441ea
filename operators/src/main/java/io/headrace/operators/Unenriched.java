package io.headrace.operators;

import java.util.Objects;
import java.util.Optional;

/**
 * A record that could not be enriched, with the reason. Immutable if the record is.
 *
 * @param record the record as it came in
 * @param failure why there are no results
 * @param modelDigest SHA-256 of the model file, when a model was involved
 */
public record Unenriched<T>(T record, Failure failure, Optional<String> modelDigest) {

    public Unenriched {
        Objects.requireNonNull(failure, "failure");
        Objects.requireNonNull(modelDigest, "modelDigest");
    }

    /** A record that no model has seen. */
    public Unenriched(T record, Failure failure) {
        this(record, failure, Optional.empty());
    }
}
