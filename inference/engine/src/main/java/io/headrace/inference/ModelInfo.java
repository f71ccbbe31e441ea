package io.headrace.inference;

/**
 * What is known of a loaded model.
 *
 * @param name its own name, or its file's where it has none
 * @param digest SHA-256 of the file, in hexadecimal
 * @param engine what computes, for instance {@code llama.cpp}
 * @param architecture the model family, as in its metadata
 * @param contextTokens the most tokens of prompt and output together for one request
 * @param vocabularySize number of tokens
 */
public record ModelInfo(
        String name,
        String digest,
        String engine,
        String architecture,
        int contextTokens,
        int vocabularySize) {}
