package io.headrace.operators;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Opens an engine in this process. All subtasks of a TaskManager that ask for the same model with
 * the same options share one engine, so that batches are large and weights are loaded once.
 *
 * @param modelPath the GGUF file, at the same place on every TaskManager
 * @param contextTokens the most tokens of one request's prompt and output together
 * @param maxSequences the most sequences in one step
 * @param threads compute threads; 0 takes the cores that the process may use
 */
public record LocalEngineProvider(
        String modelPath, int contextTokens, int maxSequences, int threads)
        implements EngineProvider {

    /** With default options. */
    public static LocalEngineProvider of(String modelPath) {
        EngineOptions defaults = EngineOptions.of(Path.of(modelPath));
        return new LocalEngineProvider(
                modelPath, defaults.contextTokens(), defaults.maxSequences(), defaults.threads());
    }

    /** The options that the engine is opened with. */
    public EngineOptions options() {
        return new EngineOptions(
                Path.of(modelPath),
                contextTokens,
                maxSequences,
                EngineOptions.of(Path.of(modelPath)).maxBatchTokens(),
                threads,
                Optional.empty());
    }

    @Override
    public InferenceEngine open() {
        return Engines.shared(options());
    }
}
