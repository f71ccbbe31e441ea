package io.headrace.inference.runtime;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.ServiceClass;
import io.headrace.inference.Usage;

/** A request on its way through the scheduler, with all that is known of it. */
final class ScheduledRequest {

    private final InferenceRequest request;
    private final int[] prompt;
    private final int[] boundaries;
    private final Decoding decoding;
    private final long submittedNanos;

    private KvSequence sequence;
    private int promptComputed;
    private int cachedTokens;
    private long admittedNanos;

    /**
     * @param request for its identity and service class
     * @param prompt its tokens, at least one
     * @param boundaries lengths of the prompt's beginnings that other prompts may share, ascending
     */
    ScheduledRequest(
            InferenceRequest request,
            int[] prompt,
            int[] boundaries,
            Decoding decoding,
            long submittedNanos) {
        this.request = request;
        this.prompt = prompt;
        this.boundaries = boundaries;
        this.decoding = decoding;
        this.submittedNanos = submittedNanos;
    }

    InferenceRequest request() {
        return request;
    }

    ServiceClass serviceClass() {
        return request.serviceClass();
    }

    int[] prompt() {
        return prompt;
    }

    int[] boundaries() {
        return boundaries;
    }

    Decoding decoding() {
        return decoding;
    }

    void admit(KvSequence admitted, int cached, long nowNanos) {
        sequence = admitted;
        cachedTokens = cached;
        promptComputed = cached;
        admittedNanos = nowNanos;
    }

    KvSequence sequence() {
        return sequence;
    }

    /** Returns how many tokens of the prompt its sequence holds. */
    int promptComputed() {
        return promptComputed;
    }

    void promptComputed(int tokens) {
        promptComputed = tokens;
    }

    boolean isPromptDone() {
        return promptComputed == prompt.length;
    }

    int cachedTokens() {
        return cachedTokens;
    }

    /** Returns the most cells that it may still take. */
    int cellsToCome() {
        return prompt.length - promptComputed + decoding.cellsToCome();
    }

    /** Returns the length of the common beginning of this prompt and another. */
    int commonPrefix(int[] other) {
        int most = Math.min(prompt.length, other.length);
        int common = java.util.Arrays.mismatch(prompt, other);
        return common < 0 ? most : common;
    }

    Usage usage(long nowNanos) {
        return new Usage(
                prompt.length,
                cachedTokens,
                decoding.outputTokens(),
                admittedNanos - submittedNanos,
                nowNanos - admittedNanos);
    }
}
