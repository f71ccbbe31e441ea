package io.headrace.inference;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * What an engine is opened with.
 *
 * @param modelPath the GGUF file
 * @param contextTokens the most tokens of one request's prompt and output together
 * @param maxSequences the most sequences in one step
 * @param maxBatchTokens the token budget of a step
 * @param threads compute threads; 0 takes the cores that this process may use
 * @param nativesDirectory a folder with a llama.cpp build that wins over the packaged one
 */
public record EngineOptions(
        Path modelPath,
        int contextTokens,
        int maxSequences,
        int maxBatchTokens,
        int threads,
        Optional<Path> nativesDirectory) {

    public EngineOptions {
        Objects.requireNonNull(modelPath, "modelPath");
        Objects.requireNonNull(nativesDirectory, "nativesDirectory");
        requireRange("contextTokens", contextTokens, 64, 1 << 20);
        requireRange("maxSequences", maxSequences, 1, 256);
        requireRange("maxBatchTokens", maxBatchTokens, 16, 1 << 16);
        requireRange("threads", threads, 0, 1024);
    }

    /** Defaults: 2048 tokens of context, 16 sequences, 512 tokens a step, all cores. */
    public static EngineOptions of(Path modelPath) {
        return new EngineOptions(modelPath, 2048, 16, 512, 0, Optional.empty());
    }

    public EngineOptions withContextTokens(int tokens) {
        return new EngineOptions(
                modelPath, tokens, maxSequences, maxBatchTokens, threads, nativesDirectory);
    }

    private static void requireRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}
