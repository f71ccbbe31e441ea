package io.headrace.operators;

/** What becomes of a record that cannot be enriched. */
public enum FailureAction {
    /** It leaves by the side output, with the reason. */
    DEAD_LETTER,
    /** It fails the job, which Flink restarts from the last checkpoint. */
    FAIL_JOB
}
