package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.InferenceResult.Rejected;
import io.headrace.inference.InferenceResult.Scores;
import io.headrace.inference.cpu.OwnEngine;
import io.headrace.inference.testing.Adapters;
import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class AdaptersTest {

    private static final List<Optional<String>> CHOICES =
            List.of(Optional.empty(), Optional.of("terse"), Optional.of("formal"));

    @TempDir private static Path folder;
    private static EngineOptions options;

    @BeforeAll
    static void write() {
        Path model = TinyModels.llama(folder.resolve("tiny.gguf"), 7);
        Path terse = Adapters.lora(folder.resolve("terse.gguf"), 1, ModelShape.TINY);
        Path formal = Adapters.lora(folder.resolve("formal.gguf"), 2, ModelShape.TINY);
        options =
                EngineOptions.of(model)
                        .withContextTokens(512)
                        .withThreads(1)
                        .withAdapters(Map.of("terse", terse, "formal", formal));
    }

    @ParameterizedTest
    @CsvSource({"LLAMA_CPP, false", "LLAMA_CPP, true", "HEADRACE, false"})
    void interleavedTasksAnswerAsEachAlone(Backend backend, boolean isolated) throws Exception {
        OwnEngine.assumePresentFor(backend);
        EngineOptions options = AdaptersTest.options.withBackend(backend);
        List<List<String>> alone = new ArrayList<>();
        for (Optional<String> adapter : CHOICES) {
            // Without the others' files where none is asked for: the model as it is.
            EngineOptions own = adapter.isEmpty() ? options.withAdapters(Map.of()) : options;
            try (InferenceEngine engine = Engines.open(own)) {
                alone.add(answers(submit(engine, List.of(adapter))));
            }
        }
        assertThat(alone.get(0)).isNotEqualTo(alone.get(1));
        assertThat(alone.get(1)).isNotEqualTo(alone.get(2));
        try (InferenceEngine engine = Engines.open(options.withIsolated(isolated))) {
            List<String> mixed = answers(submit(engine, CHOICES));
            for (int i = 0; i < mixed.size(); i++) {
                assertThat(mixed.get(i)).isEqualTo(alone.get(i % 3).get(i / 3));
            }
        }
    }

    /** Asks the same of each adapter in turn. */
    private static List<CompletableFuture<InferenceResult>> submit(
            InferenceEngine engine, List<Optional<String>> adapters) {
        List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
        for (int record = 0; record < 8; record++) {
            for (Optional<String> adapter : adapters) {
                Output output =
                        record % 2 == 0
                                ? new Output.Labels(List.of("refund", "card", "other"))
                                : new Output.Text(24, List.of(), Sampling.GREEDY);
                InferenceRequest request =
                        new InferenceRequest(
                                new Prompt(
                                        "you label messages of customers and answer them kindly",
                                        List.of("where is my card, order " + record)),
                                output);
                results.add(
                        engine.submit(adapter.map(request::withAdapter).orElse(request))
                                .toCompletableFuture());
            }
        }
        return results;
    }

    private static List<String> answers(List<CompletableFuture<InferenceResult>> results)
            throws Exception {
        List<String> answers = new ArrayList<>();
        for (CompletableFuture<InferenceResult> each : results) {
            InferenceResult result = each.get(60, TimeUnit.SECONDS);
            if (result instanceof Scores scores) {
                double[] rounded =
                        scores.probabilities().stream()
                                .mapToDouble(p -> Math.round(20 * p) / 20.0)
                                .toArray();
                answers.add(Arrays.toString(rounded));
            } else {
                answers.add(((Generated) result).text());
            }
        }
        return answers;
    }

    @Test
    void anUnknownAdapterIsRejectedWithTheKnownOnes() throws Exception {
        try (InferenceEngine engine = Engines.open(options)) {
            InferenceRequest request =
                    new InferenceRequest(
                                    new Prompt("", List.of("hello")),
                                    new Output.Labels(List.of("a")))
                            .withAdapter("polite");
            InferenceResult result = engine.submit(request).toCompletableFuture().get();
            assertThat(((Rejected) result).reason()).contains("polite", "formal, terse");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HEADRACE", "LLAMA_CPP"})
    void filesThatAreNoAdaptersOfTheModelAreNamed(Backend backend) {
        OwnEngine.assumePresentFor(backend);
        EngineOptions options = AdaptersTest.options.withBackend(backend);
        Path model = options.modelPath();
        assertThatThrownBy(() -> Engines.open(options.withAdapters(Map.of("x", model))))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("no LoRA adapter");
        Path wide =
                Adapters.lora(
                        folder.resolve("wide.gguf"),
                        3,
                        new ModelShape(
                                2,
                                128,
                                4,
                                2,
                                256,
                                512,
                                512,
                                ModelShape.TINY.linear(),
                                ModelShape.TINY.embedding()));
        assertThatThrownBy(() -> Engines.open(options.withAdapters(Map.of("x", wide))))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("wide.gguf")
                .hasMessageContaining("shape");
        Path other = Family.QWEN_2.write(folder.resolve("qwen.gguf"), 1);
        Path terse = options.adapters().get("terse");
        assertThatThrownBy(
                        () ->
                                Engines.open(
                                        EngineOptions.of(other)
                                                .withBackend(backend)
                                                .withAdapters(Map.of("x", terse))))
                .hasMessageContaining("kind llama")
                .hasMessageContaining("qwen2");
    }
}
