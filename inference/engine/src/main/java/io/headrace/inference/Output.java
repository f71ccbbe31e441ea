package io.headrace.inference;

import java.util.List;
import java.util.Objects;

/** What a request wants back. */
public sealed interface Output {

    /**
     * Scores the labels instead of generating: walks the trie of their tokens and gives each label
     * its exact probability, normalised over the label set.
     *
     * @param labels the texts to score, distinct and not empty, at least one
     * @param temperature divides the log-probabilities of whole labels before they are normalised;
     *     1 leaves them as the model gives them, more makes them less sure (calibration)
     */
    record Labels(List<String> labels, double temperature) implements Output {

        /** Labels scored as the model gives them. */
        public Labels(List<String> labels) {
            this(labels, 1);
        }

        public Labels {
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new IllegalArgumentException(
                        "a label temperature must be above 0: " + temperature);
            }
            labels = List.copyOf(labels);
            if (labels.isEmpty()) {
                throw new IllegalArgumentException("scoring needs at least one label");
            }
            if (labels.stream().distinct().count() != labels.size()) {
                throw new IllegalArgumentException("labels must be distinct: " + labels);
            }
            if (labels.stream().anyMatch(String::isEmpty)) {
                throw new IllegalArgumentException("a label is empty");
            }
        }
    }

    /**
     * Generates JSON that always parses and validates against a JSON Schema.
     *
     * @param schema the schema's JSON text; the supported subset stands in the engine's
     *     documentation
     * @param maxTokens the most tokens to generate; an output that would be longer is closed early
     *     with the shortest text that completes it, and marked as truncated
     * @param sampling how free choices are made
     * @param sourceText the text that strings marked as spans are taken from; may be empty
     */
    record Json(String schema, int maxTokens, Sampling sampling, String sourceText)
            implements Output {

        /** JSON without spans of a source. */
        public Json(String schema, int maxTokens, Sampling sampling) {
            this(schema, maxTokens, sampling, "");
        }

        public Json {
            Objects.requireNonNull(sourceText, "sourceText");
            Objects.requireNonNull(schema, "schema");
            Objects.requireNonNull(sampling, "sampling");
            requirePositive(maxTokens);
        }
    }

    /**
     * Generates free text until the model ends its turn, a stop string, or the token limit.
     *
     * @param maxTokens the most tokens to generate
     * @param stop texts that end the output; they are not part of it
     * @param sampling how tokens are chosen
     */
    record Text(int maxTokens, List<String> stop, Sampling sampling) implements Output {
        public Text {
            stop = List.copyOf(stop);
            Objects.requireNonNull(sampling, "sampling");
            requirePositive(maxTokens);
        }
    }

    private static void requirePositive(int maxTokens) {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens must be at least 1, not " + maxTokens);
        }
    }
}
