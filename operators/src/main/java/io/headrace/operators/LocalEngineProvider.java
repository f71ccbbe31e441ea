package io.headrace.operators;

import io.headrace.inference.Backend;
import io.headrace.inference.CacheType;
import io.headrace.inference.Device;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.GpuDealer;
import io.headrace.inference.InferenceEngine;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Opens an engine in this process. All subtasks of a TaskManager that ask for the same model with
 * the same options share one engine, so that batches are large and weights are loaded once.
 *
 * @param modelPath the GGUF file, at the same place on every TaskManager
 * @param contextTokens the most tokens of one request's prompt and output together
 * @param maxSequences the most sequences in one step; 0 takes what suits the device
 * @param threads compute threads; 0 takes the cores that the process may use
 * @param adapters LoRA adapters as GGUF files, by the names that tasks choose them by
 * @param isolated whether the engine runs in a process of its own, which a native crash then costs
 *     instead of the TaskManager
 * @param backend what computes the model
 * @param draftTokens the most tokens that a request guesses from its own prompt for a step
 * @param device where it is computed; without a number the GPU that the slot was dealt of those
 *     that Flink's external resource {@code gpu} gives the TaskManager, where it gives any
 * @param cacheType how keys and values stand in the KV cache
 */
public record LocalEngineProvider(
        String modelPath,
        int contextTokens,
        int maxSequences,
        int threads,
        Map<String, String> adapters,
        boolean isolated,
        Backend backend,
        int draftTokens,
        Device device,
        CacheType cacheType)
        implements EngineProvider {

    public LocalEngineProvider {
        adapters = Map.copyOf(adapters);
    }

    /** With keys and values in half precision. */
    public LocalEngineProvider(
            String modelPath,
            int contextTokens,
            int maxSequences,
            int threads,
            Map<String, String> adapters,
            boolean isolated,
            Backend backend,
            int draftTokens,
            Device device) {
        this(
                modelPath,
                contextTokens,
                maxSequences,
                threads,
                adapters,
                isolated,
                backend,
                draftTokens,
                device,
                CacheType.F16);
    }

    /** In this process, without adapters. */
    public LocalEngineProvider(String modelPath, int contextTokens, int maxSequences, int threads) {
        this(
                modelPath,
                contextTokens,
                maxSequences,
                threads,
                Map.of(),
                false,
                Backend.AUTO,
                0,
                Device.AUTO);
    }

    /** With default options. */
    public static LocalEngineProvider of(String modelPath) {
        EngineOptions defaults = EngineOptions.of(Path.of(modelPath));
        return new LocalEngineProvider(
                modelPath, defaults.contextTokens(), defaults.maxSequences(), defaults.threads());
    }

    /** The same on a device. */
    public LocalEngineProvider withDevice(Device chosen) {
        return new LocalEngineProvider(
                modelPath,
                contextTokens,
                maxSequences,
                threads,
                adapters,
                isolated,
                backend,
                draftTokens,
                chosen,
                cacheType);
    }

    /** The options that the engine is opened with. */
    public EngineOptions options() {
        Map<String, Path> files = new HashMap<>();
        adapters.forEach((name, path) -> files.put(name, Path.of(path)));
        return EngineOptions.of(Path.of(modelPath))
                .withContextTokens(contextTokens)
                .withMaxSequences(maxSequences)
                .withThreads(threads)
                .withAdapters(files)
                .withIsolated(isolated)
                .withBackend(backend)
                .withDraftTokens(draftTokens)
                .withDevice(device)
                .withCacheType(cacheType);
    }

    @Override
    public InferenceEngine open() {
        return Engines.shared(options());
    }

    @Override
    public InferenceEngine open(Opening opening) {
        SlotGpus.Place place = opening.gpus().choose(device, GpuDealer.PROCESS);
        return Engines.shared(options().withDevice(place.device()), place::close);
    }
}
