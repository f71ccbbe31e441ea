package io.headrace.inference.runtime;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.gguf.FileDigest;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The engine in this process. Prompts are split into tokens on the caller's thread; everything else
 * happens on the loop's.
 */
public final class LocalEngine implements InferenceEngine {

    private static final String CLOSED = "the inference engine is closed";

    private static final String TEXT_ONLY =
            "this engine reads text only; images and sound need a remote engine, such as a server"
                    + " with an OpenAI-compatible API";

    private final LoadedModel model;
    private final EngineOptions options;
    private final ModelInfo info;
    private final DecodingFactory decodings;
    private final EngineLoop loop;

    /** Held for reading while the model's vocabulary is used, for writing while it is freed. */
    private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

    private boolean closed;

    /**
     * Starts an engine, which closes the model and the runner when it is closed.
     *
     * @param runner what computes; from then on owned by the engine's thread
     */
    public LocalEngine(LoadedModel model, ModelRunner runner, EngineOptions options) {
        this.model = model;
        this.options = options;
        ModelInfo loaded = model.info();
        this.info =
                new ModelInfo(
                        loaded.name(),
                        // Engines with other adapters may share the model.
                        FileDigest.with(loaded.digest(), adapters(options)),
                        loaded.engine(),
                        loaded.architecture(),
                        options.contextTokens(),
                        loaded.vocabularySize());
        RunnerLimits limits = runner.limits();
        this.decodings =
                new DecodingFactory(
                        model.vocabulary(),
                        Math.min(limits.rows(), limits.outputs()),
                        options.draftTokens());
        this.loop =
                new EngineLoop(
                        runner,
                        new Scheduler(limits, options.sized().maxSequences()),
                        System::nanoTime,
                        this::freeModel);
        loop.start();
    }

    private static List<Path> adapters(EngineOptions options) {
        return options.adapterNames().stream().map(options.adapters()::get).toList();
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        long submittedNanos = System.nanoTime();
        ScheduledRequest scheduled;
        if (!request.media().isEmpty()) {
            loop.countRejected();
            return CompletableFuture.completedStage(new InferenceResult.Rejected(TEXT_ONLY));
        }
        inUse.readLock().lock();
        try {
            if (closed) {
                return CompletableFuture.completedStage(new InferenceResult.Failed(CLOSED));
            }
            int adapter = adapterNumber(request);
            PromptTokens prompt = model.tokenize(request.prompt());
            Decoding decoding = decodings.create(request.output(), prompt);
            int[] prefix = decoding.forcedPrefix();
            requireFits(prompt.tokens().length, prefix.length + decoding.cellsToCome());
            scheduled = new ScheduledRequest(request, adapter, prompt, decoding, submittedNanos);
        } catch (DecodingFactory.RejectedException e) {
            loop.countRejected();
            return CompletableFuture.completedStage(new InferenceResult.Rejected(e.getMessage()));
        } finally {
            inUse.readLock().unlock();
        }
        return loop.submit(scheduled);
    }

    private int adapterNumber(InferenceRequest request) throws DecodingFactory.RejectedException {
        if (request.adapter().isEmpty()) {
            return 0;
        }
        List<String> names = options.adapterNames();
        int place = names.indexOf(request.adapter().get());
        if (place < 0) {
            throw new DecodingFactory.RejectedException(
                    "there is no adapter '"
                            + request.adapter().get()
                            + "'; the engine was opened with "
                            + (names.isEmpty() ? "none" : String.join(", ", names)));
        }
        return place + 1;
    }

    private void requireFits(int prompt, int output) throws DecodingFactory.RejectedException {
        if (prompt + output > options.contextTokens()) {
            throw new DecodingFactory.RejectedException(
                    "the prompt has "
                            + prompt
                            + " tokens and the output may take "
                            + output
                            + ", but the context has "
                            + options.contextTokens());
        }
    }

    @Override
    public void cancel(InferenceRequest request) {
        loop.cancel(request);
    }

    @Override
    public ModelInfo model() {
        return info;
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        inUse.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(CLOSED);
            }
            return model.tokenize(request.prompt()).tokens().length;
        } finally {
            inUse.readLock().unlock();
        }
    }

    @Override
    public EngineStats stats() {
        return loop.stats();
    }

    @Override
    public void close() {
        loop.close(CLOSED);
    }

    /** The last act of the engine's thread, so that also a callback may close the engine. */
    private void freeModel() {
        inUse.writeLock().lock();
        try {
            closed = true;
            model.close();
        } finally {
            inUse.writeLock().unlock();
        }
    }
}
