package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.Backend;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult.Scores;
import io.headrace.inference.ModelInspection;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.cpu.OwnEngine;
import io.headrace.inference.testing.Family;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that llama.cpp has quantized mean to our own engine what they mean to llama.cpp. */
@Timeout(120)
class QuantizedBackendsTest {

    private static final List<String> LABELS =
            List.of("card", "refund", "order", "praise", "lost", "price", "invoice", "login");

    private static final List<String> MESSAGES =
            List.of(
                    "where is my card",
                    "thank you for the quick answer",
                    "the kettle arrived broken, and nobody picks up the phone",
                    "please send me the invoice of 12 March once more");

    /** Of the spread of the labels' log-probabilities. */
    private static final double TOLERANCE = 0.1;

    @TempDir private static Path folder;

    @ParameterizedTest
    @CsvSource({
        "F16, 1, F16",
        "BF16, 32, BF16",
        "Q8_0, 7, Q8_0",
        "Q4_0, 2, Q4_0",
        "Q4_1, 3, Q4_1",
        "Q5_0, 8, Q5_0",
        "Q5_1, 9, Q5_1",
        "Q4_K_M, 15, Q4_K",
        "Q5_K_M, 17, Q5_K",
        "Q6_K, 18, Q6_K",
    })
    void ourOwnEngineReadsTheWeightsAsLlamaCppDoes(String name, int fileType, String type)
            throws Exception {
        OwnEngine.assumePresent();
        Path whole = folder.resolve(name + ".f32.gguf");
        Family.LLAMA_3.writer(12, 256).write(whole);
        Path file = Quantization.quantize(whole, folder.resolve(name + ".gguf"), fileType);
        assertThat(ModelInspection.of(file).tensorTypes()).containsKey(type);
        List<Double> theirs = logProbabilities(file, Backend.LLAMA_CPP);
        List<Double> ours = logProbabilities(file, Backend.HEADRACE);
        double spread = 0;
        double squares = 0;
        double mean = theirs.stream().mapToDouble(each -> each).average().orElseThrow();
        for (int i = 0; i < theirs.size(); i++) {
            spread += Math.pow(theirs.get(i) - mean, 2);
            squares += Math.pow(theirs.get(i) - ours.get(i), 2);
        }
        assertThat(Math.sqrt(squares / spread)).as(name).isLessThan(TOLERANCE);
    }

    private static List<Double> logProbabilities(Path file, Backend backend) throws Exception {
        List<Double> all = new ArrayList<>();
        EngineOptions options =
                EngineOptions.of(file).withContextTokens(512).withBackend(backend).withThreads(1);
        try (InferenceEngine engine = Engines.open(options)) {
            for (String message : MESSAGES) {
                InferenceRequest request =
                        new InferenceRequest(
                                new Prompt("", List.of(message)), new Output.Labels(LABELS));
                Scores scores =
                        (Scores)
                                engine.submit(request)
                                        .toCompletableFuture()
                                        .get(60, TimeUnit.SECONDS);
                scores.probabilities().forEach(each -> all.add(Math.log(Math.max(each, 1e-30))));
            }
        }
        return all;
    }
}
