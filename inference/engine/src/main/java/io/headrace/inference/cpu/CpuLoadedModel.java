package io.headrace.inference.cpu;

import io.headrace.inference.CacheType;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.Prompt;
import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.runtime.PromptTokens;
import io.headrace.inference.runtime.Vocabulary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A GGUF model loaded by headrace's own CPU engine. Its vocabulary and chat template are
 * llama.cpp's reading of the same file, without the weights.
 */
public final class CpuLoadedModel implements LoadedModel {

    private static final Logger LOG = LoggerFactory.getLogger(CpuLoadedModel.class);

    /** Sequence numbers that keep prefixes for requests to come. */
    private static final int KEPT_PREFIXES = 32;

    /** Of the kernels' pool. */
    private static final int MOST_THREADS = 256;

    /** Instruction sets with which the engine was measured to be faster than llama.cpp. */
    private static final Set<String> MEASURED = Set.of("avx2");

    private final LlamaLoadedModel vocabulary;
    private final CpuWeights weights;
    private final GgufFile file;
    private final ModelInfo info;

    private CpuLoadedModel(LlamaLoadedModel vocabulary, CpuWeights weights, GgufFile file) {
        this.file = file;
        this.vocabulary = vocabulary;
        this.weights = weights;
        ModelInfo read = vocabulary.info();
        this.info =
                new ModelInfo(
                        read.name(),
                        read.digest(),
                        "headrace",
                        read.architecture(),
                        read.contextTokens(),
                        read.vocabularySize());
    }

    /**
     * Returns why a model that may run anywhere should not run on this engine, or nothing where it
     * should: it is faster there by measurement, and rounds the weights no further.
     *
     * @throws ModelLoadException if the file is missing or damaged
     */
    public static Optional<String> obstacle(EngineOptions options) {
        if (options.nativesDirectory().isPresent()) {
            return Optional.of("a build of llama.cpp is named");
        }
        try {
            CpuModelPlan plan = plan(options, GgufReader.read(options.modelPath()));
            return plan.roundedType()
                    .map(type -> "its weights are stored as " + type + ", which it would round")
                    .or(CpuLoadedModel::obstacleHere);
        } catch (CpuShape.UnsupportedException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static Optional<String> obstacleHere() {
        try {
            String best = CpuKernels.instructionSet("");
            return MEASURED.contains(best)
                    ? Optional.empty()
                    : Optional.of("it was not measured with " + best + ", this processor's best");
        } catch (ModelLoadException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static CpuModelPlan plan(EngineOptions options, GgufFile file)
            throws CpuShape.UnsupportedException {
        CpuModelPlan plan = CpuModelPlan.of(file);
        int width = plan.shape().headWidth();
        if (options.cacheType() == CacheType.Q8 && width % CacheType.GROUP != 0) {
            throw new ModelLoadException(
                    "The heads of "
                            + options.modelPath()
                            + " are "
                            + width
                            + " numbers wide, and a KV cache in q8 takes multiples of "
                            + CacheType.GROUP
                            + "; use cacheType f16.");
        }
        for (Path adapter : options.adapters().values()) {
            CpuAdapter.check(adapter, file);
        }
        return plan;
    }

    /**
     * Checks and loads a file.
     *
     * @throws ModelLoadException if the file or the native libraries are missing or unfit, or the
     *     model is of a kind that this engine does not compute
     */
    public static CpuLoadedModel load(EngineOptions options) {
        return load(options, "");
    }

    /**
     * @param instructionSet its name; empty for the best that this processor has
     */
    static CpuLoadedModel load(EngineOptions options, String instructionSet) {
        GgufFile file = GgufReader.read(options.modelPath());
        CpuModelPlan plan;
        try {
            plan = plan(options, file);
        } catch (CpuShape.UnsupportedException e) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine cannot take "
                            + options.modelPath()
                            + ": "
                            + e.getMessage()
                            + "; use engine llama.cpp or auto.",
                    e);
        }
        return load(options, file, plan, instructionSet);
    }

    /** Packs the weights while the digest and the vocabulary keep a thread busy for longer. */
    private static CpuLoadedModel load(
            EngineOptions options, GgufFile file, CpuModelPlan plan, String instructionSet) {
        CompletableFuture<LlamaLoadedModel> vocabulary =
                CompletableFuture.supplyAsync(
                        () -> LlamaLoadedModel.loadVocabulary(options),
                        task -> new Thread(task, "headrace-vocabulary").start());
        CpuWeights weights;
        try {
            weights = CpuWeights.load(plan, instructionSet, threads(options));
        } catch (RuntimeException | Error e) {
            vocabulary.thenAccept(LlamaLoadedModel::close).exceptionally(other -> null).join();
            throw e;
        }
        try {
            return new CpuLoadedModel(vocabulary.join(), weights, file);
        } catch (CompletionException e) {
            weights.close();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    private static int threads(EngineOptions options) {
        int cores = Runtime.getRuntime().availableProcessors();
        return Math.min(options.threads() > 0 ? options.threads() : cores, MOST_THREADS);
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary.vocabulary();
    }

    @Override
    public PromptTokens tokenize(Prompt prompt) {
        return vocabulary.tokenize(prompt);
    }

    @Override
    public ModelRunner newRunner(EngineOptions asked) {
        EngineOptions options = asked.sized();
        int rows = options.maxBatchTokens();
        int size = weights.shape().vocabulary();
        RunnerLimits limits =
                new RunnerLimits(
                        Math.max(options.cacheCells(), rows),
                        options.maxSequences() + KEPT_PREFIXES,
                        rows,
                        EngineOptions.outputRows(options, size),
                        rows,
                        size);
        LOG.info(
                "{} on headrace's own CPU engine ({}): up to {} threads of {} cores, {} cells of"
                        + " cache in {}, {} requests at once, {} tokens a step, {} MiB of weights",
                info.name(),
                CpuKernels.instructionSet(""),
                threads(options),
                Runtime.getRuntime().availableProcessors(),
                limits.cells(),
                options.cacheType().written(),
                options.maxSequences(),
                rows,
                weights.bytes() >> 20);
        int positions = options.contextTokens() + rows; // Drafts and trees may reach farther.
        List<CpuAdapter> adapters = CpuAdapter.loadAll(options, file, weights);
        try {
            return new CpuModelRunner(
                    weights, adapters, limits, options.cacheType(), positions, threads(options));
        } catch (RuntimeException | Error e) {
            adapters.forEach(CpuAdapter::close);
            throw e;
        }
    }

    @Override
    public void close() {
        weights.close();
        vocabulary.close();
    }
}
