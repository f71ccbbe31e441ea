package io.headrace.inference.testing;

import io.headrace.inference.Backend;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program that opens damaged models, or models with damaged adapters, one after the other and
 * asks each that opens: run by a test in a process of its own, which a crash would end. Arguments:
 * folder, first number, count, what is damaged.
 */
final class MutatedModels {

    /** What is damaged, and what computes it. */
    enum Damaged {
        MODELS_OF_LLAMA_CPP(Backend.LLAMA_CPP),
        MODELS_OF_HEADRACE(Backend.HEADRACE),
        ADAPTERS(Backend.LLAMA_CPP);

        final Backend backend;

        Damaged(Backend backend) {
            this.backend = backend;
        }
    }

    /** Families that headrace's own CPU engine computes. */
    private static final List<Family> DENSE =
            List.of(
                    Family.LLAMA_2,
                    Family.LLAMA_3_1,
                    Family.MISTRAL_NEMO,
                    Family.QWEN_2,
                    Family.QWEN_3);

    /** Families with every kind of matrix that an adapter may change. */
    private static final List<Family> ADAPTED =
            List.of(
                    Family.LLAMA_2,
                    Family.LLAMA_3_1,
                    Family.MIXTRAL,
                    Family.QWEN_2_MOE,
                    Family.DEEPSEEK_V2,
                    Family.DEEPSEEK_V3,
                    Family.GEMMA_3);

    private static final Prompt PROMPT = new Prompt("be kind", List.of("hello \u00e9\u4e16 there"));
    private static final Output TEXT = new Output.Text(4, List.of(), Sampling.GREEDY);

    private final Path folder;
    private final Damaged damaged;

    /** Numbers of files refused and opened, by what was done to them. */
    private final Map<GgufMutations.Damage, int[]> opened =
            new EnumMap<>(GgufMutations.Damage.class);

    private GgufMutations.Damage lastDamage;

    /** What each model answers without an adapter. */
    private final Map<Path, String> plain = new HashMap<>();

    private MutatedModels(Path folder, Damaged damaged) {
        this.folder = folder;
        this.damaged = damaged;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        long first = Long.parseLong(arguments[1]);
        long count = Long.parseLong(arguments[2]);
        MutatedModels models = new MutatedModels(folder, Damaged.valueOf(arguments[3]));
        for (long number = first; number < first + count; number++) {
            Files.writeString(folder.resolve("number"), String.valueOf(number));
            models.open(number);
        }
        StringBuilder counts = new StringBuilder();
        models.opened.forEach(
                (damage, opened) ->
                        counts.append(damage + " " + opened[0] + " " + opened[1] + "\n"));
        Files.writeString(folder.resolve("counts"), counts);
    }

    private void open(long number) throws Exception {
        EngineOptions options = write(number);
        int[] counts = opened.computeIfAbsent(lastDamage, damage -> new int[2]);
        counts[opens(number, options) ? 1 : 0]++;
    }

    private boolean opens(long number, EngineOptions options) throws Exception {
        try (InferenceEngine engine = Engines.open(options)) {
            for (String adapter : options.adapterNames()) {
                ask(engine, TEXT, number, adapter);
            }
            InferenceResult text = ask(engine, TEXT, number, null);
            ask(engine, new Output.Labels(List.of("card", "refund")), number, null);
            String expected = plain.get(options.modelPath());
            if (expected != null && !((Generated) text).text().equals(expected)) {
                throw new IllegalStateException(number + " changes answers without the adapter");
            }
            return true;
        } catch (ModelLoadException e) {
            String message = e.getMessage();
            if (!message.endsWith(".") || message.contains("\n") || message.contains("Exception")) {
                throw new IllegalStateException(number + " is refused without a sentence", e);
            }
            return false;
        } catch (RuntimeException | Error e) {
            throw new IllegalStateException(number + " is neither refused nor loaded", e);
        }
    }

    private EngineOptions write(long number) throws Exception {
        Path file = folder.resolve("mutated.gguf");
        switch (damaged) {
            case MODELS_OF_LLAMA_CPP -> lastDamage = GgufMutations.write(file, number);
            case MODELS_OF_HEADRACE -> lastDamage = GgufMutations.write(file, number, DENSE);
            case ADAPTERS -> {
                Family family = ADAPTED.get((int) (number % ADAPTED.size()));
                GgufWriter model = family.writer(1, Family.WIDTH);
                lastDamage = GgufMutations.writeAdapter(file, number, model);
                return options(whole(family)).withAdapters(Map.of("damaged", file));
            }
        }
        return options(file);
    }

    private EngineOptions options(Path model) {
        return EngineOptions.of(model)
                .withContextTokens(256)
                .withThreads(1)
                .withBackend(damaged.backend);
    }

    /** Returns a model that is as it should be, and remembers its answer. */
    private Path whole(Family family) throws Exception {
        Path model = folder.resolve(family + ".gguf");
        if (!plain.containsKey(model)) {
            family.write(model, 1);
            try (InferenceEngine engine = Engines.open(options(model))) {
                plain.put(model, ((Generated) ask(engine, TEXT, -1, null)).text());
            }
        }
        return model;
    }

    private static InferenceResult ask(
            InferenceEngine engine, Output output, long number, String adapter) throws Exception {
        InferenceRequest request = new InferenceRequest(PROMPT, output);
        InferenceResult result =
                engine.submit(adapter == null ? request : request.withAdapter(adapter))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
        if (result instanceof InferenceResult.Failed failed
                && failed.reason().contains("unexpectedly")) {
            throw new IllegalStateException(number + " breaks the engine: " + failed.reason());
        }
        return result;
    }
}
