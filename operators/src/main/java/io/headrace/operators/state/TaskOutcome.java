package io.headrace.operators.state;

import io.headrace.inference.Usage;
import io.headrace.operators.task.TaskResult;
import java.util.Objects;
import java.util.Optional;

/**
 * The result of a task with what it cost.
 *
 * @param result what was found out
 * @param usage of all that was asked
 * @param cascaded how a first answer was doubted, if it was
 */
public record TaskOutcome(TaskResult result, Usage usage, Optional<Cascaded> cascaded) {

    public TaskOutcome {
        Objects.requireNonNull(cascaded, "cascaded");
    }

    /** An outcome that nobody doubted. */
    public TaskOutcome(TaskResult result, Usage usage) {
        this(result, usage, Optional.empty());
    }
}
