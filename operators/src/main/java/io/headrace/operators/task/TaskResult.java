package io.headrace.operators.task;

import java.util.List;
import java.util.Optional;

/** What a task found out about a record. */
public sealed interface TaskResult {

    /**
     * The most probable label.
     *
     * @param label the label, as it stands in the task
     * @param probability its probability over the labels, 0 to 1; NaN where the engine gives none
     * @param runnerUp the second most probable label, when there are two and the engine scores both
     * @param margin the probability less that of the runner-up; NaN where there is none
     * @param abstained whether the probability is below the task's threshold
     */
    record Classified(
            String label,
            double probability,
            Optional<String> runnerUp,
            double margin,
            boolean abstained)
            implements TaskResult {}

    /**
     * The fields found, as compact JSON.
     *
     * @param json an object that validates against the task's schema
     */
    record Extracted(String json) implements TaskResult {}

    /**
     * A summary.
     *
     * @param text the summary, without space around it
     */
    record Summarized(String text) implements TaskResult {}

    /**
     * A label with its probability.
     *
     * @param label the label, as it stands in the task
     * @param probability that it fits, 0 to 1; NaN where the engine gives none
     */
    record ScoredLabel(String label, double probability) {}

    /**
     * The labels that fit.
     *
     * @param labels the most probable first; may be empty
     */
    record MultiLabelled(List<ScoredLabel> labels) implements TaskResult {
        public MultiLabelled {
            labels = List.copyOf(labels);
        }
    }
}
