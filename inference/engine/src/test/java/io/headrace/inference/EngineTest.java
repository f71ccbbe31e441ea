package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.InferenceResult.Failed;
import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.InferenceResult.Rejected;
import io.headrace.inference.InferenceResult.Scores;
import io.headrace.inference.cpu.OwnEngine;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@ParameterizedClass
@EnumSource(names = {"HEADRACE", "LLAMA_CPP"})
class EngineTest {

    private static final String SYSTEM = "you label messages of customers. answer with one label.";

    @TempDir private static Path folder;
    private static InferenceEngine engine;

    @Parameter private Backend backend;

    @BeforeParameterizedClassInvocation
    static void open(Backend backend) {
        OwnEngine.assumePresentFor(backend);
        Path model = TinyModels.llama(folder.resolve("tiny.gguf"), 7);
        engine = Engines.open(EngineOptions.of(model).withContextTokens(1024).withBackend(backend));
    }

    @AfterParameterizedClassInvocation
    static void close() {
        engine.close();
    }

    @Test
    void knowsItsModel() {
        assertThat(engine.model().name()).isEqualTo("headrace-tiny");
        assertThat(engine.model().architecture()).isEqualTo("llama");
        assertThat(engine.model().digest()).hasSize(64);
        assertThat(engine.model().vocabularySize()).isEqualTo(512);
        assertThat(engine.model().contextTokens()).isEqualTo(1024);
        assertThat(engine.model().engine()).isEqualTo(backend.written());
    }

    @Test
    void labelProbabilitiesSumToOne() throws Exception {
        Output labels = new Output.Labels(List.of("card_arrival", "card", "refund", "x"));
        Scores scores = (Scores) await(request("where is my card", labels));
        assertThat(scores.probabilities()).hasSize(4).allMatch(each -> each >= 0 && each <= 1);
        assertThat(scores.probabilities().stream().mapToDouble(each -> each).sum())
                .isEqualTo(1, within(1e-9));
    }

    @Test
    void scoresHundredsOfLabelsInFewSteps() throws Exception {
        List<String> names =
                IntStream.range(0, 150).mapToObj(i -> "label number " + i + " of many").toList();
        long before = engine.stats().steps();
        Scores scores = (Scores) await(request("hello", new Output.Labels(names)));
        assertThat(scores.probabilities().stream().mapToDouble(each -> each).sum())
                .isEqualTo(1, within(1e-9));
        assertThat(engine.stats().steps() - before).isLessThan(12);
    }

    @Test
    void saysWhatItsStepsAndMasksTake() throws Exception {
        StepFigures before = engine.stats().figures();
        String schema =
                """
                {"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],
                 "additionalProperties":false}""";
        await(request("is it so", new Output.Json(schema, 20, Sampling.GREEDY, "")));
        StepFigures figures = engine.stats().figures();
        assertThat(figures.p50Nanos()).isPositive().isLessThanOrEqualTo(figures.p95Nanos());
        assertThat(figures.p95Nanos()).isLessThanOrEqualTo(figures.p99Nanos());
        assertThat(figures.masks()).isGreaterThan(before.masks());
        assertThat(figures.maskNanos()).isGreaterThan(before.maskNanos());
        assertThat(figures.mostRows()).isPositive();
        assertThat(figures.residentBytes()).isGreaterThan(16L << 20);
    }

    @Test
    void greedyTextIsTheSameAloneAndInABatch() throws Exception {
        Output text = new Output.Text(12, List.of(), Sampling.GREEDY);
        String alone = ((Generated) await(request("hello there", text))).text();
        List<CompletableFuture<InferenceResult>> batch = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            batch.add(submit(request("message number " + i, text)));
        }
        Generated again = (Generated) await(request("hello there", text));
        for (CompletableFuture<InferenceResult> each : batch) {
            assertThat(each.get(20, TimeUnit.SECONDS)).isInstanceOf(Generated.class);
        }
        assertThat(again.text()).isEqualTo(alone);
    }

    @Test
    void jsonAlwaysParsesWithinTheTokenLimit() throws Exception {
        String schema =
                """
                {"type": "object", "required": ["kind", "count", "note"], "properties": {
                  "kind": {"enum": ["refund", "reply", "other"]},
                  "count": {"type": "integer", "minimum": 0, "maximum": 99},
                  "note": {"type": "string", "maxLength": 40}}}
                """;
        List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Sampling sampling = i == 0 ? Sampling.GREEDY : new Sampling(1.5, 1, 0, i);
            results.add(submit(request("row " + i, new Output.Json(schema, 8 + i, sampling))));
        }
        for (CompletableFuture<InferenceResult> each : results) {
            Generated json = (Generated) each.get(20, TimeUnit.SECONDS);
            JsonNode value = new ObjectMapper().readTree(json.text());
            assertThat(value.get("kind").asText()).isIn("refund", "reply", "other");
            assertThat(value.get("count").isInt()).isTrue();
            assertThat(value.get("note").asText().length()).isLessThanOrEqualTo(40);
        }
    }

    @Test
    void equalSeedsGiveEqualTexts() throws Exception {
        Output text = new Output.Text(20, List.of(), new Sampling(2, 0.95, 0.001, 42));
        Output other = new Output.Text(20, List.of(), new Sampling(2, 0.95, 0.001, 43));
        String first = ((Generated) await(request("hello", text))).text();
        assertThat(((Generated) await(request("hello", text))).text()).isEqualTo(first);
        assertThat(((Generated) await(request("hello", other))).text()).isNotEqualTo(first);
    }

    @Test
    void spansAreWrittenWithoutTheSpaceOfTheirFirstToken() throws Exception {
        String schema =
                """
                {"type":"object","properties":{"a":{"type":"string","x-headrace-span":true}},
                 "required":["a"]}""";
        String source = "where is my card and why was it charged twice in the shop";
        for (int seed = 0; seed < 40; seed++) {
            Output json = new Output.Json(schema, 20, new Sampling(3, 1, 0, seed), source);
            String text = ((Generated) await(request(source, json))).text();
            String value = new ObjectMapper().readTree(text).get("a").asText();
            assertThat(" " + source + " ").contains(value).doesNotStartWith(value);
            assertThat(value).isEqualTo(value.strip()).isNotEmpty();
        }
    }

    @Test
    void sharedInstructionsAreComputedOnce() throws Exception {
        Output text = new Output.Text(1, List.of(), Sampling.GREEDY);
        await(request("first", text));
        Generated second = (Generated) await(request("second", text));
        assertThat(second.usage().cachedTokens()).isGreaterThan(10);
    }

    @Test
    void aPromptOverTheContextIsRejectedWithNumbers() throws Exception {
        Output text = new Output.Text(1, List.of(), Sampling.GREEDY);
        InferenceResult result = await(request("word ".repeat(2000), text));
        assertThat(result).isInstanceOf(Rejected.class);
        assertThat(((Rejected) result).reason()).contains("1024");
    }

    @Test
    void forcedTextLongerThanAStepAndLabelsLongerThanAStepEnd() throws Exception {
        String constant = "word ".repeat(60).strip();
        String schema =
                """
                {"type": "object", "required": ["a", "b"], "properties": {
                  "a": {"type": "boolean"}, "b": {"const": "%s"}}}
                """
                        .formatted(constant);
        Path model = TinyModels.llama(folder.resolve("narrow.gguf"), 9);
        EngineOptions narrow = new EngineOptions(model, 1024, 4, 32, 1, Optional.empty());
        try (InferenceEngine other = Engines.open(narrow)) {
            Output json = new Output.Json(schema, 500, Sampling.GREEDY);
            Generated text =
                    (Generated)
                            other.submit(request("go", json))
                                    .toCompletableFuture()
                                    .get(30, TimeUnit.SECONDS);
            assertThat(new ObjectMapper().readTree(text.text()).get("b").asText())
                    .isEqualTo(constant);
            Output labels = new Output.Labels(List.of("short", constant));
            assertThat(other.submit(request("go", labels)).toCompletableFuture().get())
                    .isInstanceOf(Rejected.class);
        }
    }

    @Test
    void aCallbackMayCloseTheEngine() throws Exception {
        Path model = TinyModels.llama(folder.resolve("closing.gguf"), 10);
        InferenceEngine other = Engines.open(EngineOptions.of(model));
        Output text = new Output.Text(2, List.of(), Sampling.GREEDY);
        other.submit(request("go", text))
                .thenRun(other::close)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        other.close();
        assertThat(other.submit(request("late", text)).toCompletableFuture().get())
                .isInstanceOf(Failed.class);
    }

    @Test
    void afterCloseRequestsFail() throws Exception {
        Path model = TinyModels.llama(folder.resolve("other.gguf"), 8);
        InferenceEngine other = Engines.open(EngineOptions.of(model));
        Output text = new Output.Text(1000, List.of(), Sampling.GREEDY);
        List<CompletableFuture<InferenceResult>> running = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            running.add(other.submit(request("m" + i, text)).toCompletableFuture());
        }
        other.close();
        other.close();
        for (CompletableFuture<InferenceResult> each : running) {
            assertThat(each.get(1, TimeUnit.SECONDS)).isInstanceOf(Failed.class);
        }
        assertThat(other.submit(request("late", text)).toCompletableFuture().get())
                .isInstanceOf(Failed.class);
    }

    private static InferenceRequest request(String text, Output output) {
        return new InferenceRequest(new Prompt(SYSTEM, List.of(text)), output);
    }

    private static CompletableFuture<InferenceResult> submit(InferenceRequest request) {
        return engine.submit(request).toCompletableFuture();
    }

    private static InferenceResult await(InferenceRequest request) throws Exception {
        return submit(request).get(30, TimeUnit.SECONDS);
    }
}
