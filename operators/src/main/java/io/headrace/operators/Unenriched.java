package io.headrace.operators;

/**
 * A record that could not be enriched, with the reason. Immutable if the record is.
 *
 * @param record the record as it came in
 * @param failure why there are no results
 */
public record Unenriched<T>(T record, Failure failure) {}
