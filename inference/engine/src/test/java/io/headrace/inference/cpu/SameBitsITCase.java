package io.headrace.inference.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.CacheType;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.runtime.LocalEngine;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole engine in many sizes: 1,000 requests with {@code -Pfaults}, otherwise fewer. */
@Timeout(1200)
class SameBitsITCase {

    private static final int REQUESTS = Boolean.getBoolean("headrace.faults") ? 1000 : 60;
    private static final int BATCHINGS = 10;

    private static final String SCHEMA =
            "{\"type\": \"array\", \"items\": {\"enum\": [1, \"b\"]}, \"maxItems\": 4}";

    @TempDir private static Path folder;

    @BeforeAll
    static void assumePresent() {
        OwnEngine.assumePresent();
    }

    @ParameterizedTest
    @EnumSource
    void logitsAreTheSameToTheLastBitInAllBatchingsAndThreadCounts(CacheType cacheType) {
        ModelShape shape =
                new ModelShape(2, 96, 3, 1, 160, 512, 4096, TensorType.Q4_0, TensorType.Q8_0);
        Path file = TinyModels.llama(folder.resolve("bits.gguf"), 8, shape);
        Random random = new Random(5);
        List<InferenceRequest> requests = requests(random);
        Map<List<Integer>, Long> digests = new HashMap<>();
        List<List<Integer>> differing = new ArrayList<>();
        int shared = 0;
        for (int i = 0; i < BATCHINGS; i++) {
            int known = digests.size();
            Collections.shuffle(requests, random);
            run(options(file, random).withCacheType(cacheType), requests, digests, differing);
            shared += digests.size() == known ? 1 : 0;
        }
        assertThat(differing).isEmpty();
        assertThat(digests.size()).isGreaterThan(4 * REQUESTS);
        assertThat(shared).as("batchings that asked for nothing new").isEqualTo(BATCHINGS - 1);
    }

    private static EngineOptions options(Path file, Random random) {
        int context = 512;
        return new EngineOptions(
                        file,
                        context,
                        1 + random.nextInt(40),
                        16 + random.nextInt(300),
                        1 + random.nextInt(4),
                        Optional.empty())
                .withCacheTokens(context + random.nextInt(3000));
    }

    private static void run(
            EngineOptions options,
            List<InferenceRequest> requests,
            Map<List<Integer>, Long> digests,
            List<List<Integer>> differing) {
        CpuLoadedModel model = CpuLoadedModel.load(options);
        LogitDigests runner = new LogitDigests(model.newRunner(options), digests, differing);
        try (LocalEngine engine = new LocalEngine(model, runner, options)) {
            List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
            // A request is known by its identity, so each run asks with copies.
            for (InferenceRequest each : requests) {
                InferenceRequest copy = new InferenceRequest(each.prompt(), each.output());
                results.add(engine.submit(copy).toCompletableFuture());
            }
            for (CompletableFuture<InferenceResult> each : results) {
                assertThat(each.join()).isInstanceOf(InferenceResult.Completed.class);
            }
        }
    }

    private static List<InferenceRequest> requests(Random random) {
        List<InferenceRequest> requests = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            String message = i + " where is my card ".repeat(1 + random.nextInt(8));
            Output output =
                    switch (i % 3) {
                        case 0 -> new Output.Labels(List.of("refund", "card arrival", "card"));
                        case 1 -> new Output.Json(SCHEMA, 24, Sampling.GREEDY);
                        default -> new Output.Text(12, List.of(), Sampling.GREEDY);
                    };
            Prompt prompt =
                    new Prompt(
                            i % 7 == 0 ? "be short" : "you answer messages of customers",
                            List.of(message, "\ntask " + i % 3));
            requests.add(new InferenceRequest(prompt, output));
        }
        return requests;
    }
}
