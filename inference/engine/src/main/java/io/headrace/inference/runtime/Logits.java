package io.headrace.inference.runtime;

/** The logits of one request's rows in a step. */
interface Logits {

    /**
     * Returns a row as long as the vocabulary, valid until the next call.
     *
     * @param output its number among the rows whose logits the request asked for
     */
    float[] row(int output);
}
