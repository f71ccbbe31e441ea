package io.headrace.inference;

import java.util.Objects;

/**
 * What a request cost.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens those of them that the prefix cache already held
 * @param outputTokens tokens generated, forced or scored
 * @param queueNanos from submission to admission
 * @param computeNanos from admission to the end
 * @param costNanos money, in billionths of the currency that the engine's prices are in; 0 where
 *     nobody sends a bill
 * @param answeredBy name of the model that answered; empty where it is the engine's own, that of
 *     {@link InferenceEngine#model}
 */
public record Usage(
        int promptTokens,
        int cachedTokens,
        int outputTokens,
        long queueNanos,
        long computeNanos,
        long costNanos,
        String answeredBy) {

    /** Nothing used. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0);

    public Usage {
        Objects.requireNonNull(answeredBy, "answeredBy");
    }

    /** Of the engine's own model, without a bill. */
    public Usage(
            int promptTokens,
            int cachedTokens,
            int outputTokens,
            long queueNanos,
            long computeNanos) {
        this(promptTokens, cachedTokens, outputTokens, queueNanos, computeNanos, 0, "");
    }

    /** Returns the same, answered by the model of this name. */
    public Usage answeredBy(String model) {
        return new Usage(
                promptTokens,
                cachedTokens,
                outputTokens,
                queueNanos,
                computeNanos,
                costNanos,
                model);
    }

    /**
     * Both together: tokens and money add up; of times that passed side by side the longer counts,
     * and of models that answered the later one.
     */
    public Usage with(Usage other) {
        return new Usage(
                promptTokens + other.promptTokens,
                cachedTokens + other.cachedTokens,
                outputTokens + other.outputTokens,
                Math.max(queueNanos, other.queueNanos),
                Math.max(computeNanos, other.computeNanos),
                costNanos + other.costNanos,
                other.answeredBy.isEmpty() ? answeredBy : other.answeredBy);
    }
}
