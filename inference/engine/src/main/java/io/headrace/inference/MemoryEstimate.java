package io.headrace.inference;

import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.GgufReader;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What a model takes on a GPU, in bytes, before it is loaded.
 *
 * @param weights its weights
 * @param adapters its LoRA adapters, which each engine has for itself
 * @param cache the KV cache, which is allocated whole at the start
 * @param compute buffers to compute with, and what the driver takes for itself
 */
public record MemoryEstimate(long weights, long adapters, long cache, long compute) {

    private static final double GIB = 1L << 30;

    /** What a driver, its kernels and libraries of matrix products take. */
    private static final long DRIVER_BYTES = 512L << 20;

    /**
     * Estimates a model with options that have all their numbers.
     *
     * @param adapters bytes of its adapters
     */
    public static MemoryEstimate of(ModelInspection model, long adapters, EngineOptions options) {
        long rows = options.maxBatchTokens();
        // Numbers of a row that live at a time: hidden states, the gate and what it gates, and
        // which cells of the cache it may see, twice.
        long rowNumbers =
                8L * model.hiddenWidth() + 3L * model.innerWidth() + 2L * options.cacheCells();
        long outputs = EngineOptions.outputRows(options, model.vocabularySize());
        // An adapter's product stands beside that of the matrix that it changes.
        long adapted =
                adapters == 0 ? 0 : rows * model.innerWidth() + outputs * model.vocabularySize();
        return new MemoryEstimate(
                model.weightBytes(),
                adapters,
                options.cacheType().bytes(model.sequenceBytes(options.cacheCells())),
                DRIVER_BYTES
                        + 4 * (rows * rowNumbers + outputs * model.vocabularySize() + adapted));
    }

    /**
     * Returns the bytes of the adapters that options name.
     *
     * @throws ModelLoadException if one is missing, damaged, or of another model
     */
    static long adapterBytes(EngineOptions options) {
        if (options.adapters().isEmpty()) {
            return 0;
        }
        GgufFile model = GgufReader.read(options.modelPath());
        long bytes = 0;
        for (Path adapter : options.adapters().values()) {
            bytes += GgufReader.readAdapter(adapter, model).tensorBytes();
        }
        return bytes;
    }

    /** Returns the sum. */
    public long total() {
        return weights + adapters + cache + compute;
    }

    /** The same where the weights are on the device already. */
    MemoryEstimate withoutWeights() {
        return new MemoryEstimate(0, adapters, cache, compute);
    }

    /** Returns why this does not fit, if it does not: a sentence without its full stop. */
    public Optional<String> obstacle(DeviceMemory memory) {
        // A driver that does not say how much it has is believed to have enough.
        if (memory.totalBytes() == 0 || total() <= memory.freeBytes()) {
            return Optional.empty();
        }
        return Optional.of(
                this
                        + " is needed, and of its "
                        + gibibytes(memory.totalBytes())
                        + " "
                        + gibibytes(memory.freeBytes())
                        + " are free; use fewer contextTokens, a smaller quantization of the model,"
                        + " or another device");
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s (weights %s%s, KV cache %s, computing %s)",
                gibibytes(total()),
                gibibytes(weights),
                adapters == 0 ? "" : ", adapters " + gibibytes(adapters),
                gibibytes(cache),
                gibibytes(compute));
    }

    static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }
}
