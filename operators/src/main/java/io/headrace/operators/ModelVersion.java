package io.headrace.operators;

import io.headrace.operators.task.TaskSet;
import java.util.Objects;

/**
 * What answers about records and how it is asked: a version of model, adapters and prompts.
 *
 * @param tasks what is asked
 * @param engines what answers
 */
public record ModelVersion(TaskSet tasks, EngineProvider engines) {

    public ModelVersion {
        Objects.requireNonNull(tasks, "tasks");
        Objects.requireNonNull(engines, "engines");
    }
}
