package io.headrace.inference.runtime;

/** What a request wants computed next, once its prompt is. */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and lists would box every token.
sealed interface Demand {

    /**
     * Tokens behind what its sequence holds.
     *
     * @param read places of those after which the logits are read, ascending
     */
    record Append(int[] tokens, int[] read) implements Demand {

        /** Of which only the last is read. */
        Append(int[] tokens) {
            this(tokens, new int[] {tokens.length - 1});
        }
    }

    /** Several continuations at once, to be read and forgotten; see the scoring tree. */
    record Score(int[] tokens, int[] parents, boolean[] outputs) implements Demand {}
}
