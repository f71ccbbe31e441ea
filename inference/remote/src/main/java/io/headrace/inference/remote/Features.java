package io.headrace.inference.remote;

import java.util.Locale;
import java.util.Optional;

/**
 * What is used of an API that not every server knows. Where a server refuses a request and names
 * one of these, the engine goes on without it.
 *
 * @param logprobs probabilities of tokens
 * @param structure how an answer is held to its schema
 * @param completionTokens whether the length limit has its newer name, {@code
 *     max_completion_tokens}
 * @param temperature whether a temperature is sent
 */
record Features(
        boolean logprobs, Structure structure, boolean completionTokens, boolean temperature) {

    /** How an answer is held to its schema, the strictest first. */
    enum Structure {
        /** The whole schema. */
        SCHEMA,
        /** The schema without bounds, formats and patterns, which many servers refuse. */
        PLAIN_SCHEMA,
        /** Any JSON object; the schema stands in the prompt only. */
        JSON_OBJECT,
        /** Nothing but the prompt. */
        PROMPT;

        boolean hasSchema() {
            return this == SCHEMA || this == PLAIN_SCHEMA;
        }

        private Structure weaker() {
            return switch (this) {
                case SCHEMA -> PLAIN_SCHEMA;
                case PLAIN_SCHEMA -> JSON_OBJECT;
                case JSON_OBJECT, PROMPT -> PROMPT;
            };
        }
    }

    static Features all(boolean logprobs) {
        return new Features(logprobs, Structure.SCHEMA, false, true);
    }

    /** The same without what the server's message names; empty where it names nothing of this. */
    Optional<Features> without(String message) {
        String refused = message.toLowerCase(Locale.ROOT);
        if (logprobs && refused.contains("logprob")) {
            return Optional.of(new Features(false, structure, completionTokens, temperature));
        }
        if (!completionTokens && refused.contains("max_completion_tokens")) {
            return Optional.of(new Features(logprobs, structure, true, temperature));
        }
        if (temperature && refused.contains("temperature")) {
            return Optional.of(new Features(logprobs, structure, completionTokens, false));
        }
        boolean structureRefused =
                refused.contains("response_format")
                        || refused.contains("schema")
                        || refused.contains("grammar")
                        || refused.contains("structured");
        if (structureRefused && structure != Structure.PROMPT) {
            return Optional.of(
                    new Features(logprobs, structure.weaker(), completionTokens, temperature));
        }
        return Optional.empty();
    }
}
