package io.headrace.inference;

import java.util.List;

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
     * Generated text; for {@link Output.Json} a complete JSON value.
     *
     * @param truncated whether the token limit ended it
     */
    record Generated(String text, boolean truncated, Usage usage) implements Completed {}

    /** Refused: the same request will be refused again, for instance a prompt over the context. */
    record Rejected(String reason) implements InferenceResult {}

    /** Failed for a cause that can pass, for instance a failed decode or a closed engine. */
    record Failed(String reason) implements InferenceResult {}

    /** Given up by {@link InferenceEngine#cancel}. */
    record Cancelled() implements InferenceResult {}
}
