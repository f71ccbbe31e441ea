package io.headrace.inference;

import io.headrace.inference.cpu.CpuLoadedModel;
import io.headrace.inference.isolation.IsolatedEngine;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.runtime.LocalEngine;

/**
 * Opens inference engines. Thread-safe.
 *
 * <p>The weights of a file are loaded once in a process, however many engines use it, and freed
 * with the last of them.
 */
public final class Engines {

    private static final SharedResources<ModelKey, LoadedModel> MODELS = new SharedResources<>();
    private static final SharedResources<EngineOptions, InferenceEngine> ENGINES =
            new SharedResources<>();

    private Engines() {}

    /**
     * Opens an engine of the caller's own.
     *
     * @throws ModelLoadException if the model or the native libraries are missing or unfit
     */
    public static InferenceEngine open(EngineOptions options) {
        return Detached.call(() -> openHere(options));
    }

    private static InferenceEngine openHere(EngineOptions options) {
        if (options.isolated()) {
            return IsolatedEngine.start(options);
        }
        EngineOptions placed =
                Placement.of(options, same -> MODELS.isOpen(ModelKey.of(same))).options();
        SharedResources<ModelKey, LoadedModel>.Lease model =
                MODELS.acquire(ModelKey.of(placed), key -> load(placed));
        try {
            return start(new LeasedModel(model), placed);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /**
     * Starts an engine; where that fails, the runner is closed and the model left to the caller.
     */
    static InferenceEngine start(LoadedModel model, EngineOptions options) {
        ModelRunner runner = model.newRunner(options);
        try {
            return new LocalEngine(model, runner, options);
        } catch (RuntimeException | Error e) {
            runner.close();
            throw e;
        }
    }

    private static LoadedModel load(EngineOptions options) {
        return options.backend() == Backend.HEADRACE
                ? CpuLoadedModel.load(options)
                : LlamaLoadedModel.load(options);
    }

    /**
     * Opens an engine, or joins the one that is open in this process with equal options. It ends
     * when all who joined it have closed theirs. This is the one for task slots: together they fill
     * larger batches, and never run more compute threads than there are cores.
     *
     * @throws ModelLoadException if the model or the native libraries are missing or unfit
     */
    public static InferenceEngine shared(EngineOptions options) {
        return new LeasedEngine(ENGINES.acquire(options, Engines::open));
    }
}
