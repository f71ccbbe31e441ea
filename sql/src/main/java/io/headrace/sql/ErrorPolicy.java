package io.headrace.sql;

/** What becomes of a row that the model could not answer. */
enum ErrorPolicy {
    /** The job fails, as with Flink's own providers. */
    FAIL,
    /** The row goes on with null in the model's columns, and the reason in its error columns. */
    NULL
}
