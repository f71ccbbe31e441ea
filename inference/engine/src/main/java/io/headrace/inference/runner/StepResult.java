package io.headrace.inference.runner;

import io.headrace.inference.logits.LogitRow;

/** What came of a step. */
public sealed interface StepResult {

    /** The step was computed; its logits can be read until the runner executes the next one. */
    non-sealed interface Computed extends StepResult {

        /**
         * Returns the logits of one row.
         *
         * @param output its number among the rows that asked for logits
         */
        LogitRow logits(int output);
    }

    /**
     * The step failed; what the sequences of its rows hold is unknown, and they must be freed.
     *
     * @param reason one sentence
     */
    record Failed(String reason) implements StepResult {}
}
