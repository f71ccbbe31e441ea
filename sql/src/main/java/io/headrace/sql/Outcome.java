package io.headrace.sql;

import io.headrace.operators.task.TaskResult;

/** How a task on a text ended. */
sealed interface Outcome {

    /**
     * With a typed result.
     *
     * @param result what the task found out
     * @param datum the same as an Avro datum of the task's field
     */
    record Answered(TaskResult result, Object datum) implements Outcome {}

    /** There was no text; nothing was asked. */
    record NoText() implements Outcome {}

    /**
     * Without a result.
     *
     * @param errorClass {@code Rejected}, {@code Failed}, {@code Timeout} or {@code Unconvertible}
     * @param message why, in a sentence
     */
    record Failed(String errorClass, String message) implements Outcome {}
}
