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
        int promptTokens, int cachedTokens, int outputTokens, long queueNanos, long computeNanos) {}
