package io.headrace.inference.runtime;

import io.headrace.inference.logits.LogitRow;

/** The logits of one request's rows in a step. */
interface Logits {

    /**
     * Returns a row.
     *
     * @param output its number among the rows whose logits the request asked for
     */
    LogitRow row(int output);
}
