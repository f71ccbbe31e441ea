package io.headrace.inference.runtime;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.ServiceClass;
import io.headrace.inference.Usage;
import java.util.Arrays;

/** A request on its way through the scheduler, with all that is known of it. */
final class ScheduledRequest {

    private final InferenceRequest request;
    private final int adapter;
    private final int promptTokens;
    private final int[] prompt;
    private final int[] boundaries;
    private final Decoding decoding;
    private final long submittedNanos;

    private KvSequence sequence;
    private int promptComputed;
    private int cachedTokens;
    private long admittedNanos;
    private int waitedFor;

    /**
     * @param request for its identity and service class
     * @param adapter its number, or 0 for none
     * @param prompt of at least one token
     */
    ScheduledRequest(
            InferenceRequest request,
            int adapter,
            PromptTokens prompt,
            Decoding decoding,
            long submittedNanos) {
        this.request = request;
        this.adapter = adapter;
        this.promptTokens = prompt.tokens().length;
        this.prompt = concatenate(prompt.tokens(), decoding.forcedPrefix());
        this.boundaries = prompt.boundaries();
        this.decoding = decoding;
        this.submittedNanos = submittedNanos;
    }

    InferenceRequest request() {
        return request;
    }

    int adapter() {
        return adapter;
    }

    ServiceClass serviceClass() {
        return request.serviceClass();
    }

    /** Returns the tokens to compute before the first choice: the prompt and the forced prefix. */
    int[] prompt() {
        return prompt;
    }

    /** Notes that others wait for the first tokens of this prompt. */
    void othersWait(int tokens) {
        waitedFor = Math.max(waitedFor, tokens);
    }

    /** Returns lengths of beginnings to keep when it ends, the most wanted first. */
    int[] keptBeginnings() {
        int[] all = new int[boundaries.length + 1];
        all[0] = waitedFor;
        System.arraycopy(boundaries, 0, all, 1, boundaries.length);
        return all;
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

    /** Undoes the admission; nothing of the output was begun. */
    void putBack() {
        sequence = null;
        cachedTokens = 0;
        promptComputed = 0;
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

    private static int[] concatenate(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** Returns the length of the common beginning of this prompt and another. */
    int commonPrefix(int[] other) {
        int most = Math.min(prompt.length, other.length);
        int common = Arrays.mismatch(prompt, other);
        return common < 0 ? most : common;
    }

    Usage usage(long nowNanos) {
        return new Usage(
                promptTokens,
                Math.min(cachedTokens, promptTokens),
                decoding.outputTokens(),
                admittedNanos - submittedNanos,
                nowNanos - admittedNanos);
    }
}
