package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.cpu.OwnEngine;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Guessing changes no output, but for what llama.cpp's batches do to logits. Random weights copy
 * nothing of their own, so what is extracted are spans of the record, where a beginning leaves
 * little choice.
 */
@Timeout(120)
class DraftsTest {

    private static final String SPANS =
            """
            {"type": "object", "required": ["a", "b"], "properties": {
              "a": {"type": "string", "x-headrace-span": true, "minLength": 20, "maxLength": 60},
              "b": {"type": "string", "x-headrace-span": true, "minLength": 8, "maxLength": 40}}}
            """;

    @TempDir private static Path folder;

    @ParameterizedTest
    @EnumSource(names = {"HEADRACE", "LLAMA_CPP"})
    void outputsAreTheSameWithAndWithoutGuesses(Backend backend) {
        OwnEngine.assumePresentFor(backend);
        Path model = TinyModels.llama(folder.resolve(backend + ".gguf"), 9);
        EngineOptions options = EngineOptions.of(model).withContextTokens(512).withBackend(backend);
        int all = 0;
        int equal = 0;
        try (InferenceEngine plain = Engines.open(options);
                InferenceEngine drafting = Engines.open(options.withDraftTokens(3))) {
            for (Sampling sampling : List.of(Sampling.GREEDY, new Sampling(1.2, 1, 0, 5))) {
                for (int atATime : new int[] {1, 2, 5}) {
                    List<String> guessed = outputs(drafting, sampling, atATime);
                    List<String> expected = outputs(plain, sampling, atATime);
                    for (int i = 0; i < expected.size(); i++) {
                        all++;
                        equal += guessed.get(i).equals(expected.get(i)) ? 1 : 0;
                    }
                }
            }
            // llama.cpp's logits depend a little on the batch, and random weights choose narrowly.
            assertThat(equal)
                    .isGreaterThanOrEqualTo(backend == Backend.HEADRACE ? all : all * 4 / 5);
            StepFigures figures = drafting.stats().figures();
            assertThat(figures.acceptedTokens()).isGreaterThan(20);
            assertThat(figures.draftedTokens()).isGreaterThan(figures.acceptedTokens());
            assertThat(drafting.stats().steps()).isLessThan(plain.stats().steps());
            assertThat(plain.stats().figures().draftedTokens()).isZero();
        }
    }

    private static List<String> outputs(InferenceEngine engine, Sampling sampling, int atATime) {
        List<String> outputs = new ArrayList<>();
        for (int from = 0; from < 20; from += atATime) {
            List<CompletableFuture<InferenceResult>> asked = new ArrayList<>();
            for (int i = from; i < from + atATime; i++) {
                asked.add(engine.submit(request(i, sampling)).toCompletableFuture());
            }
            asked.forEach(each -> outputs.add(((Generated) each.join()).text()));
        }
        return outputs;
    }

    private static InferenceRequest request(int number, Sampling sampling) {
        String record =
                "order %d of a green lamp and %d chairs has not arrived in the city of Leipzig yet"
                        .formatted(1000 + 37 * number, number);
        Output output =
                number % 4 == 0
                        ? new Output.Text(20, List.of(), sampling)
                        : new Output.Json(SPANS, 80, sampling, record);
        Prompt prompt = new Prompt("you copy what customers write.", List.of(record, "\ncopy:"));
        return new InferenceRequest(prompt, output);
    }
}
