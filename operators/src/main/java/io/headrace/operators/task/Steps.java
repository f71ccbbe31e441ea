package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import java.util.List;

/**
 * The steps of a task, with all that does not depend on the record at hand. Thread-safe.
 *
 * @see Task#step
 */
@FunctionalInterface
public interface Steps {

    /** What the task wants next. */
    Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget);
}
