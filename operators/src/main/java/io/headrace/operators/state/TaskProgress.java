package io.headrace.operators.state;

import io.headrace.inference.InferenceResult;
import java.util.List;
import java.util.Optional;

/**
 * How far a task had come with a record when a checkpoint was taken.
 *
 * @param outcome what it found out, if it was done
 * @param answers of the engine, in the order of the questions, while it was not; empty where an
 *     answer was missing
 */
public record TaskProgress(
        Optional<TaskOutcome> outcome, List<Optional<InferenceResult.Completed>> answers) {

    public TaskProgress {
        answers = List.copyOf(answers);
    }
}
