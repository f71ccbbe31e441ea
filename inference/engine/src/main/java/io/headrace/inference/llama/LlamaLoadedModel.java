package io.headrace.inference.llama;

import io.headrace.inference.Device;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Prompt;
import io.headrace.inference.chat.ChatTemplate;
import io.headrace.inference.chat.TemplateFile;
import io.headrace.inference.gguf.FileDigest;
import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.runtime.PromptTokens;
import io.headrace.inference.runtime.Vocabulary;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A GGUF model loaded by llama.cpp. */
public final class LlamaLoadedModel implements LoadedModel {

    private static final Logger LOG = LoggerFactory.getLogger(LlamaLoadedModel.class);

    /** Sequence numbers that keep prefixes for requests to come. */
    private static final int KEPT_PREFIXES = 32;

    /** The rest of llama.cpp's 256 numbers belongs to the leaves of scoring trees. */
    private static final int MOST_RUNNING = 160;

    private final LlamaModel model;
    private final ModelInfo info;
    private final LlamaPrompts prompts;
    private final Vocabulary vocabulary;

    private LlamaLoadedModel(LlamaModel model, ModelInfo info, LlamaPrompts prompts) {
        this.model = model;
        this.info = info;
        this.prompts = prompts;
        this.vocabulary = new PlainVocabulary(model.vocabulary(), prompts);
    }

    /**
     * Checks and loads a file, on the GPU that the options name or else for the processor.
     *
     * @throws io.headrace.inference.ModelLoadException if the file or the native libraries are
     *     missing or unfit
     */
    public static LlamaLoadedModel load(EngineOptions options) {
        return load(
                options,
                (binding, path) -> {
                    Device device = options.device();
                    return LlamaModel.load(
                            binding,
                            path,
                            device.kind().isGpu()
                                    ? Optional.of(binding.devices().get(device))
                                    : Optional.empty());
                });
    }

    /** Checks a file and loads all but its weights, for another backend to compute with. */
    public static LlamaLoadedModel loadVocabulary(EngineOptions options) {
        return load(options, LlamaModel::loadVocabulary);
    }

    private static LlamaLoadedModel load(
            EngineOptions options, BiFunction<LlamaBinding, Path, LlamaModel> loading) {
        Path path = options.modelPath();
        GgufFile file = GgufReader.read(path);
        String digest = FileDigest.sha256(sources(path, file));
        LlamaBinding binding =
                LlamaBinding.load(options.nativesDirectory(), EngineOptions.nativesCache());
        LlamaModel model = loading.apply(binding, path);
        try {
            return of(model, file, options, digest);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    private static LlamaLoadedModel of(
            LlamaModel model, GgufFile file, EngineOptions options, String digest) {
        Path path = options.modelPath();
        LlamaVocabulary tokens = model.vocabulary();
        ChatTemplate template =
                ChatTemplate.of(
                        TemplateFile.orElse(path, file.text("tokenizer.chat_template")),
                        text(tokens, tokens.beginOfText()),
                        text(tokens, tokens.endOfText()));
        boolean addsSpace =
                tokens.isSentencePiece()
                        && file.flag("tokenizer.ggml.add_space_prefix").orElse(true);
        ModelInfo info =
                new ModelInfo(
                        file.text("general.name").orElse(path.getFileName().toString()),
                        digest,
                        options.device().kind().isGpu()
                                ? "llama.cpp on " + options.device().kind().written()
                                : "llama.cpp",
                        file.architecture(),
                        options.contextTokens(),
                        tokens.size());
        return new LlamaLoadedModel(model, info, new LlamaPrompts(tokens, template, addsSpace));
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public PromptTokens tokenize(Prompt prompt) {
        return prompts.tokenize(prompt);
    }

    /** Returns all files that results depend on. */
    private static List<Path> sources(Path path, GgufFile file) {
        List<Path> sources = new ArrayList<>(file.parts());
        Path template = TemplateFile.of(path);
        if (Files.isRegularFile(template)) {
            sources.add(template);
        }
        return sources;
    }

    /** Returns whether a token is markup, which no content may hold. */
    boolean isMarkup(int token) {
        return prompts.isMarkup(token);
    }

    @Override
    public ModelRunner newRunner(EngineOptions asked) {
        EngineOptions options = asked.sized();
        boolean gpu = model.gpu().isPresent();
        int cores = Runtime.getRuntime().availableProcessors();
        // Beside a GPU the processor only looks up embeddings.
        int threads = options.threads() > 0 ? options.threads() : gpu ? 1 : cores;
        int running = Math.min(options.maxSequences(), MOST_RUNNING);
        int rows = options.maxBatchTokens();
        LlamaContext.Size size =
                new LlamaContext.Size(
                        Math.max(options.cacheCells(), rows),
                        rows,
                        EngineOptions.outputRows(options, model.vocabulary().size()),
                        threads,
                        options.cacheType());
        List<LlamaAdapter> adapters = loadAdapters(options);
        try {
            ModelRunner runner =
                    new LlamaModelRunner(model, size, running + KEPT_PREFIXES, adapters);
            LOG.info(
                    "{} on llama.cpp {}, {}: {}, up to {} threads of {} cores, {} cells of cache in"
                            + " {}, {} requests at once, {} tokens a step",
                    info.name(),
                    LlamaBinding.RELEASE,
                    model.gpu().map(chosen -> chosen.device().toString()).orElse("cpu"),
                    gpu ? "all layers and the cache on it, " + attention() : attention(),
                    threads,
                    cores,
                    size.cells(),
                    options.cacheType().written(),
                    running,
                    rows);
            return runner;
        } catch (RuntimeException e) {
            adapters.forEach(LlamaAdapter::close);
            throw e;
        }
    }

    private String attention() {
        boolean flash = model.gpu().isEmpty() || LlamaBinding.hasFlashAttention();
        return flash ? "flash attention" : "no flash attention (its driver lacks it)";
    }

    private List<LlamaAdapter> loadAdapters(EngineOptions options) {
        List<LlamaAdapter> adapters = new ArrayList<>();
        if (options.adapters().isEmpty()) {
            return adapters;
        }
        GgufFile base = GgufReader.read(options.modelPath());
        try {
            for (String name : options.adapterNames()) {
                Path file = options.adapters().get(name);
                adapters.add(LlamaAdapter.load(model, base, file));
            }
            return adapters;
        } catch (RuntimeException e) {
            adapters.forEach(LlamaAdapter::close);
            throw e;
        }
    }

    @Override
    public void close() {
        model.close();
    }

    private static String text(LlamaVocabulary tokens, int token) {
        return token < 0 ? "" : new String(tokens.text(token), StandardCharsets.UTF_8);
    }

    private record PlainVocabulary(LlamaVocabulary tokens, LlamaPrompts prompts)
            implements Vocabulary {
        @Override
        public int size() {
            return tokens.size();
        }

        @Override
        public byte[] bytes(int token) {
            return tokens.bytes(token);
        }

        @Override
        public boolean isControl(int token) {
            return tokens.isControl(token);
        }

        @Override
        public int[] endOfTurn() {
            return tokens.endOfTurn();
        }

        @Override
        public int[] tokenize(String text) {
            return prompts.tokenizeContent(text);
        }
    }
}
