package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.InferenceResult.Failed;
import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.InferenceResult.Rejected;
import io.headrace.inference.InferenceResult.Scores;
import io.headrace.inference.cpu.OwnEngine;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.testing.Adapters;
import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.GgufWriter;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** What it computed stays in the memory that all sequences share. */
    @ParameterizedTest
    @CsvSource({"LLAMA_CPP", "HEADRACE"})
    void anAdapterThatComputesNoNumbersSpoilsNoOtherAnswers(Backend backend) throws Exception {
        OwnEngine.assumePresentFor(backend);
        GgufWriter huge =
                Adapters.writer(
                        TinyModels.writer(0, ModelShape.TINY), 1, Set.of("attn_q", "attn_v"));
        for (int tensor = 0; tensor < huge.tensors(); tensor++) {
            huge.fill(huge.tensorName(tensor), 0x1p60f);
        }
        Map<String, Path> adapters = new HashMap<>(options.adapters());
        adapters.put("huge", write("huge.gguf", huge));
        EngineOptions options = AdaptersTest.options.withBackend(backend).withAdapters(adapters);
        try (InferenceEngine fresh = Engines.open(options);
                InferenceEngine spoilt = Engines.open(options)) {
            InferenceRequest poison =
                    new InferenceRequest(
                                    new Prompt("", List.of("where is my card ".repeat(8))),
                                    new Output.Text(4, List.of(), Sampling.GREEDY))
                            .withAdapter("huge");
            for (int i = 0; i < 3; i++) {
                CompletableFuture<InferenceResult> refused =
                        spoilt.submit(poison).toCompletableFuture();
                List<CompletableFuture<InferenceResult>> beside = submit(spoilt, CHOICES);
                InferenceResult result = refused.get(60, TimeUnit.SECONDS);
                assertThat(((Failed) result).reason()).contains("no numbers", "adapter");
                assertThat(answers(beside)).isEqualTo(answers(submit(fresh, CHOICES)));
            }
        }
    }

    @Test
    void enginesThatShareAModelTellTheirAdaptersApart() {
        Path other = Adapters.lora(folder.resolve("other.gguf"), 3, ModelShape.TINY);
        EngineOptions plain = options.withAdapters(Map.of());
        EngineOptions changed =
                options.withAdapters(
                        Map.of("terse", other, "formal", folder.resolve("formal.gguf")));
        try (InferenceEngine first = Engines.shared(plain);
                InferenceEngine second = Engines.shared(options);
                InferenceEngine third = Engines.shared(changed)) {
            assertThat(second.model().digest())
                    .isNotEqualTo(first.model().digest())
                    .isNotEqualTo(third.model().digest());
            assertThat(third.model().digest()).isNotEqualTo(first.model().digest());
        }
        try (InferenceEngine alone = Engines.shared(changed);
                InferenceEngine again = Engines.open(changed)) {
            assertThat(alone.model().digest()).isEqualTo(again.model().digest());
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

    @Test
    void filesThatAreNoAdaptersOfTheModelAreNamed() throws Exception {
        Path model = options.modelPath();
        assertRefused(options, model, "no LoRA adapter");
        GgufWriter wide = adapter(TinyModels.writer(1, ModelShape.TINY), "attn_q");
        wide.claim(0, wide.tensorName(0), TensorType.F32, List.of(32L, 8L));
        assertRefused(options, write("wide.gguf", wide), "wide.gguf", "shape", "[64, 64]");
        GgufWriter half = adapter(TinyModels.writer(1, ModelShape.TINY), "attn_q");
        half.claim(0, "odd\nname.lora_a", TensorType.F32, half.tensorShape(0));
        assertRefused(options, write("half.gguf", half), "other half of odd\ufffdname.lora_a");
        GgufWriter endless = adapter(TinyModels.writer(1, ModelShape.TINY), "attn_q");
        endless.tensor(
                "output_norm.weight",
                TensorType.F32,
                List.of(1L),
                out -> out.write(new byte[] {0, 0, (byte) 0x80, 0x7f}));
        assertRefused(options, write("endless.gguf", endless), "output_norm", "no numbers");
        EngineOptions other = EngineOptions.of(Family.QWEN_2.write(folder.resolve("q.gguf"), 1));
        assertRefused(other, options.adapters().get("terse"), "kind llama", "qwen2");
    }

    /** llama.cpp ends the process for the first, and reads behind the end of the second. */
    @Test
    void adaptersThatLlamaCppDiesOfAreRefused() throws Exception {
        EngineOptions tied = EngineOptions.of(Family.QWEN_3.write(folder.resolve("t.gguf"), 1));
        GgufWriter embeddings = adapter(Family.QWEN_3.writer(1, Family.WIDTH), "token_embd");
        assertRefused(tied, write("embeddings.gguf", embeddings), "output head too");
        EngineOptions experts = EngineOptions.of(Family.MIXTRAL.write(folder.resolve("m.gguf"), 1));
        GgufWriter few = adapter(Family.MIXTRAL.writer(1, Family.WIDTH), "ffn_up_exps");
        few.claim(1, few.tensorName(1), TensorType.F32, List.of(4L, 128L, 2L));
        assertRefused(experts, write("few.gguf", few), "[4, 128, 2]", "[64, 128, 4]");
    }

    private static GgufWriter adapter(GgufWriter model, String part) {
        return Adapters.writer(model, 1, Set.of(part));
    }

    private static Path write(String name, GgufWriter gguf) throws IOException {
        Path file = folder.resolve(name);
        gguf.write(file);
        return file;
    }

    private static void assertRefused(EngineOptions model, Path adapter, String... parts) {
        assertThatThrownBy(() -> Engines.open(model.withAdapters(Map.of("x", adapter))))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll(parts);
    }
}
