package io.headrace.inference.runtime;

/** What a request wants computed next, once its prompt is. */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and lists would box every token.
sealed interface Demand {

    /** Tokens behind what its sequence holds; the logits after the last of them are read. */
    record Append(int[] tokens) implements Demand {}

    /** Several continuations at once, to be read and forgotten; see the scoring tree. */
    record Score(int[] tokens, int[] parents, boolean[] outputs) implements Demand {}
}
