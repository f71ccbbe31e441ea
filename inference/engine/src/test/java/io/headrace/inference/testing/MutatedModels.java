package io.headrace.inference.testing;

import io.headrace.inference.Backend;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that opens damaged models one after the other and asks each that opens: run by a test
 * in a process of its own, which a crash would end. Arguments: folder, first number, count, engine.
 */
final class MutatedModels {

    /** Families that headrace's own CPU engine computes. */
    private static final List<Family> DENSE =
            List.of(
                    Family.LLAMA_2,
                    Family.LLAMA_3_1,
                    Family.MISTRAL_NEMO,
                    Family.QWEN_2,
                    Family.QWEN_3);

    private MutatedModels() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        long first = Long.parseLong(arguments[1]);
        long count = Long.parseLong(arguments[2]);
        Backend backend = Backend.of(arguments[3]);
        int loaded = 0;
        for (long number = first; number < first + count; number++) {
            Files.writeString(folder.resolve("number"), String.valueOf(number));
            Path model = folder.resolve("mutated.gguf");
            if (backend == Backend.HEADRACE) {
                GgufMutations.write(model, number, DENSE);
            } else {
                GgufMutations.write(model, number);
            }
            loaded += opens(model, number, backend) ? 1 : 0;
        }
        Files.writeString(folder.resolve("loaded"), String.valueOf(loaded));
    }

    private static boolean opens(Path model, long number, Backend backend) throws Exception {
        EngineOptions options =
                EngineOptions.of(model).withContextTokens(256).withThreads(1).withBackend(backend);
        try (InferenceEngine engine = Engines.open(options)) {
            Prompt prompt = new Prompt("be kind", List.of("hello \u00e9\u4e16 there"));
            ask(engine, prompt, new Output.Text(4, List.of(), Sampling.GREEDY), number);
            ask(engine, prompt, new Output.Labels(List.of("card", "refund")), number);
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

    private static void ask(InferenceEngine engine, Prompt prompt, Output output, long number)
            throws Exception {
        InferenceResult result =
                engine.submit(new InferenceRequest(prompt, output))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
        if (result instanceof InferenceResult.Failed failed
                && failed.reason().contains("unexpectedly")) {
            throw new IllegalStateException(number + " breaks the engine: " + failed.reason());
        }
    }
}
