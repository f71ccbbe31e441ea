package io.headrace.operators;

import io.headrace.inference.InferenceResult;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.MultiLabel;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import java.util.List;

/** How sure an engine is of a task's result: a probability, or NaN where the engine gives none. */
final class Confidence {

    private Confidence() {}

    /** Whether results of this task have a confidence. */
    static boolean isKnownOf(Task task) {
        return task instanceof Classify || task instanceof MultiLabel;
    }

    static double of(TaskResult result, List<InferenceResult.Completed> answers) {
        return result instanceof TaskResult.Classified classified
                ? classified.probability()
                : answers.stream().mapToDouble(Confidence::of).min().orElse(Double.NaN);
    }

    private static double of(InferenceResult.Completed answer) {
        if (answer instanceof InferenceResult.Scores scores) {
            return scores.probabilities().stream()
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElse(Double.NaN);
        }
        return answer instanceof InferenceResult.Chosen chosen ? chosen.probability() : Double.NaN;
    }
}
