package io.headrace.inference;

/**
 * What a request cost.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens those of them that the prefix cache already held
 * @param outputTokens tokens generated, forced or scored
 * @param queueNanos from submission to admission
 * @param computeNanos from admission to the end
 */
public record Usage(
        int promptTokens, int cachedTokens, int outputTokens, long queueNanos, long computeNanos) {

    /** Nothing used. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0);

    /** Both together: tokens add up; of times that passed side by side the longer counts. */
    public Usage with(Usage other) {
        return new Usage(
                promptTokens + other.promptTokens,
                cachedTokens + other.cachedTokens,
                outputTokens + other.outputTokens,
                Math.max(queueNanos, other.queueNanos),
                Math.max(computeNanos, other.computeNanos));
    }
}
