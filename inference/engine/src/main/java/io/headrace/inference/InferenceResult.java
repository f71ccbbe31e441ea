package io.headrace.inference;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** How a request ended. */
public sealed interface InferenceResult {

    /** Ended with an answer. */
    sealed interface Completed extends InferenceResult {
        Usage usage();
    }

    /**
     * The labels with their probabilities, in the order of the request; they sum to 1.
     *
     * @param probabilities one for each label of {@link Output.Labels#labels()}
     */
    record Scores(List<Double> probabilities, Usage usage) implements Completed {
        public Scores {
            probabilities = List.copyOf(probabilities);
        }
    }

    /**
     * The label that was chosen, by an engine that does not score all of them.
     *
     * @param label its number in {@link Output.Labels#labels()}
     * @param probability of this label over the labels, 0 to 1; NaN where the engine gives none
     */
    record Chosen(int label, double probability, Usage usage) implements Completed {}

    /**
     * Generated text; for {@link Output.Json} a complete JSON value.
     *
     * @param truncated whether the token limit ended it
     */
    record Generated(String text, boolean truncated, Usage usage) implements Completed {}

    /** Refused: the same request will be refused again, for instance a prompt over the context. */
    record Rejected(String reason) implements InferenceResult {}

    /**
     * Failed for a cause that can pass, for instance a failed decode or a closed engine.
     *
     * @param errorClass kind of the failure, for filters and policies
     * @param retryAfter how long to wait at least before it is tried again
     */
    record Failed(String reason, String errorClass, Duration retryAfter)
            implements InferenceResult {

        /** The kind of failures that have no kind of their own. */
        public static final String OTHER = "Failed";

        public Failed {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(errorClass, "errorClass");
            Objects.requireNonNull(retryAfter, "retryAfter");
        }

        /** A failure of no special kind that may be tried again at once. */
        public Failed(String reason) {
            this(reason, OTHER, Duration.ZERO);
        }
    }

    /** Not asked, since the engine's budget is used up. Another engine may be asked instead. */
    record OverBudget(String reason) implements InferenceResult {}

    /** Given up by {@link InferenceEngine#cancel}. */
    record Cancelled() implements InferenceResult {}
}
