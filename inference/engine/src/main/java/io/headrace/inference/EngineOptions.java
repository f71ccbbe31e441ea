package io.headrace.inference;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What an engine is opened with.
 *
 * @param modelPath the GGUF file
 * @param contextTokens the most tokens of one request's prompt and output together
 * @param maxSequences the most sequences in one step; 0 takes what suits the device
 * @param maxBatchTokens the token budget of a step; 0 takes what suits the device
 * @param threads compute threads; 0 takes the cores that this process may use
 * @param nativesDirectory a folder with a llama.cpp build that wins over the packaged one
 * @param cacheTokens tokens that the KV cache holds for all requests and kept prefixes together; 0
 *     takes two contexts, and more on a GPU with room
 * @param cacheType how keys and values stand in the KV cache
 * @param adapters LoRA adapters as GGUF files, by the names that requests choose them by
 * @param isolated whether the engine runs in a process of its own, which a native crash ends
 *     instead of this one
 * @param backend what computes the model
 * @param draftTokens the most tokens that a request guesses from its own prompt for a step, where
 *     steps are small; 0 guesses none
 * @param device where it is computed
 */
public record EngineOptions(
        Path modelPath,
        int contextTokens,
        int maxSequences,
        int maxBatchTokens,
        int threads,
        Optional<Path> nativesDirectory,
        int cacheTokens,
        CacheType cacheType,
        Map<String, Path> adapters,
        boolean isolated,
        Backend backend,
        int draftTokens,
        Device device) {

    /** More would fill a step that is then no longer a small one. */
    public static final int MOST_DRAFTS = 7;

    /** What logits of a step may take. */
    private static final long OUTPUT_BYTES = 64L << 20;

    public EngineOptions {
        requireRange("draftTokens", draftTokens, 0, MOST_DRAFTS);
        adapters = Map.copyOf(adapters);
        Objects.requireNonNull(cacheType, "cacheType");
        Objects.requireNonNull(backend, "backend");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(modelPath, "modelPath");
        Objects.requireNonNull(nativesDirectory, "nativesDirectory");
        requireRange("contextTokens", contextTokens, 64, 1 << 20);
        requireRange("maxSequences", maxSequences, 0, 256);
        if (maxBatchTokens != 0) {
            requireRange("maxBatchTokens", maxBatchTokens, 16, 1 << 16);
        }
        requireRange("threads", threads, 0, 1024);
        requireRange("cacheTokens", cacheTokens, 0, 1 << 24);
        if (cacheTokens > 0 && cacheTokens < contextTokens) {
            throw new IllegalArgumentException(
                    "cacheTokens must be at least contextTokens, "
                            + contextTokens
                            + ", not "
                            + cacheTokens);
        }
    }

    /** Options with a cache of the default size. */
    public EngineOptions(
            Path modelPath,
            int contextTokens,
            int maxSequences,
            int maxBatchTokens,
            int threads,
            Optional<Path> nativesDirectory) {
        this(
                modelPath,
                contextTokens,
                maxSequences,
                maxBatchTokens,
                threads,
                nativesDirectory,
                0,
                CacheType.F16,
                Map.of(),
                false,
                Backend.AUTO,
                0,
                Device.AUTO);
    }

    /** Defaults: 2048 tokens of context, all cores, and what else suits the device. */
    public static EngineOptions of(Path modelPath) {
        return new EngineOptions(modelPath, 2048, 0, 0, 0, Optional.empty());
    }

    /**
     * Returns the same with all numbers: what was left to the device is 16 sequences and 512 tokens
     * a step on a processor, 64 and 1024 on a GPU.
     */
    public EngineOptions sized() {
        boolean gpu = device.kind().isGpu();
        return withMaxSequences(maxSequences > 0 ? maxSequences : gpu ? 64 : 16)
                .withMaxBatchTokens(maxBatchTokens > 0 ? maxBatchTokens : gpu ? 1024 : 512);
    }

    /** Returns how many rows of logits a step of sized options may ask for. */
    public static int outputRows(EngineOptions options, long vocabularySize) {
        long rows =
                Math.max(
                        options.maxSequences(),
                        OUTPUT_BYTES / (Float.BYTES * Math.max(vocabularySize, 1)));
        return (int) Math.min(options.maxBatchTokens(), rows);
    }

    public EngineOptions withContextTokens(int tokens) {
        return with(copy -> copy.contextTokens = tokens);
    }

    public EngineOptions withMaxSequences(int sequences) {
        return with(copy -> copy.maxSequences = sequences);
    }

    public EngineOptions withThreads(int count) {
        return with(copy -> copy.threads = count);
    }

    public EngineOptions withCacheTokens(int tokens) {
        return with(copy -> copy.cacheTokens = tokens);
    }

    public EngineOptions withCacheType(CacheType chosen) {
        return with(copy -> copy.cacheType = chosen);
    }

    public EngineOptions withAdapters(Map<String, Path> files) {
        return with(copy -> copy.adapters = files);
    }

    public EngineOptions withIsolated(boolean apart) {
        return with(copy -> copy.isolated = apart);
    }

    public EngineOptions withBackend(Backend chosen) {
        return with(copy -> copy.backend = chosen);
    }

    public EngineOptions withDraftTokens(int most) {
        return with(copy -> copy.draftTokens = most);
    }

    public EngineOptions withDevice(Device chosen) {
        return with(copy -> copy.device = chosen);
    }

    public EngineOptions withMaxBatchTokens(int tokens) {
        return with(copy -> copy.maxBatchTokens = tokens);
    }

    private EngineOptions with(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.options();
    }

    /** Returns the adapters' names in the order in which engines number them, from 1. */
    public List<String> adapterNames() {
        return adapters.keySet().stream().sorted().toList();
    }

    /** Returns the number of cells that the KV cache gets. */
    public int cacheCells() {
        return cacheTokens > 0 ? cacheTokens : 2 * contextTokens;
    }

    /**
     * Returns the folder below which packaged libraries are unpacked: the user's, if there is one.
     */
    public static Path nativesCache() {
        Path home = Path.of(System.getProperty("user.home", ""));
        Path folder =
                Files.isDirectory(home) && Files.isWritable(home)
                        ? home.resolve(".cache")
                        : Path.of(System.getProperty("java.io.tmpdir"));
        return folder.resolve("headrace").resolve("natives");
    }

    private static void requireRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " must be from " + least + " to " + most + ", not " + value);
        }
    }

    /** The same options, to be changed before they are options again. */
    private static final class Copy {
        private final Path modelPath;
        private int contextTokens;
        private int maxSequences;
        private int maxBatchTokens;
        private int threads;
        private final Optional<Path> nativesDirectory;
        private int cacheTokens;
        private CacheType cacheType;
        private Map<String, Path> adapters;
        private boolean isolated;
        private Backend backend;
        private int draftTokens;
        private Device device;

        Copy(EngineOptions from) {
            modelPath = from.modelPath;
            contextTokens = from.contextTokens;
            maxSequences = from.maxSequences;
            maxBatchTokens = from.maxBatchTokens;
            threads = from.threads;
            nativesDirectory = from.nativesDirectory;
            cacheTokens = from.cacheTokens;
            cacheType = from.cacheType;
            adapters = from.adapters;
            isolated = from.isolated;
            backend = from.backend;
            draftTokens = from.draftTokens;
            device = from.device;
        }

        EngineOptions options() {
            return new EngineOptions(
                    modelPath,
                    contextTokens,
                    maxSequences,
                    maxBatchTokens,
                    threads,
                    nativesDirectory,
                    cacheTokens,
                    cacheType,
                    adapters,
                    isolated,
                    backend,
                    draftTokens,
                    device);
        }
    }
}
