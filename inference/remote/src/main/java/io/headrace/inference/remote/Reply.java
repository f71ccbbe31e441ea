package io.headrace.inference.remote;

import java.util.List;
import java.util.Optional;

/**
 * What a server answered, in the terms that all APIs share.
 *
 * @param text the answer
 * @param truncated whether the token limit ended it
 * @param refusal why the model would not answer, if so
 * @param tokens the answer's tokens with their probabilities; empty where the server gives none
 * @param billed what the server counted, if it says
 */
record Reply(
        String text,
        boolean truncated,
        Optional<String> refusal,
        List<Token> tokens,
        Optional<Billed> billed) {

    /**
     * A token of the answer.
     *
     * @param chosen the token that stands there
     * @param top the most probable ones at that place; may be empty
     */
    record Token(Alternative chosen, List<Alternative> top) {}

    /** A token with its log-probability. */
    record Alternative(String text, double logProbability) {}

    /** Token counts of the server. */
    record Billed(int promptTokens, int cachedTokens, int outputTokens) {}

    Reply {
        tokens = List.copyOf(tokens);
    }
}
