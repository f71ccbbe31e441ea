package io.headrace.inference;

import java.util.Optional;

/**
 * A model on a GPU with the KV cache that fits. Pure: what is free is given.
 *
 * @param options with the size of the cache
 * @param obstacle why not even the least cache fits, if that is so
 */
record GpuFit(EngineOptions options, Optional<String> obstacle) {

    /** Tokens of the cache for each request at once, where memory allows: a record of this size. */
    private static final int CELLS_PER_SEQUENCE = 256;

    /**
     * Finds the cache: as asked for; else room for a record of each request at once and two
     * contexts, or as much of it as fits, at least two contexts.
     *
     * @param loaded whether the weights are on the device already
     */
    static GpuFit of(EngineOptions options, DeviceMemory memory, boolean loaded) {
        ModelInspection model = ModelInspection.of(options.modelPath());
        long adapters = MemoryEstimate.adapterBytes(options);
        int least = options.cacheCells();
        int cells =
                options.cacheTokens() > 0
                        ? least
                        : Math.max(least, CELLS_PER_SEQUENCE * options.maxSequences());
        Optional<String> obstacle = obstacle(model, adapters, options, cells, memory, loaded);
        while (obstacle.isPresent() && cells > least) {
            cells = Math.max(least, cells / 2);
            obstacle = obstacle(model, adapters, options, cells, memory, loaded);
        }
        return new GpuFit(options.withCacheTokens(cells), obstacle);
    }

    private static Optional<String> obstacle(
            ModelInspection model,
            long adapters,
            EngineOptions options,
            int cells,
            DeviceMemory memory,
            boolean loaded) {
        MemoryEstimate estimate =
                MemoryEstimate.of(model, adapters, options.withCacheTokens(cells));
        return (loaded ? estimate.withoutWeights() : estimate).obstacle(memory);
    }
}
