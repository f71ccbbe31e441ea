package io.headrace.operators.state;

import io.headrace.inference.Usage;
import io.headrace.operators.task.TaskResult;

/** The result of a task with what it cost. */
public record TaskOutcome(TaskResult result, Usage usage) {}
