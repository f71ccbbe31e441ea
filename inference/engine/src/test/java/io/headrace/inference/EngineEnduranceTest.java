package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.InferenceResult.Completed;
import io.headrace.inference.cpu.OwnEngine;
import io.headrace.inference.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole, 10,000 requests and 50 rounds, is in {@code mvn verify -Pfaults}. */
@EnabledOnOs(OS.LINUX)
class EngineEnduranceTest {

    private static final boolean FAULTS = Boolean.getBoolean("headrace.faults");
    private static final int REQUESTS = FAULTS ? 10_000 : 300;
    private static final int ROUNDS = FAULTS ? 50 : 6;
    private static final int WAVE = 100;
    private static final long TOLERATED_KIB = 48 * 1024;

    @TempDir private static Path folder;

    @ParameterizedTest
    @EnumSource(names = {"HEADRACE", "LLAMA_CPP"})
    void manyRequestsLeaveNothingBehind(Backend backend) throws Exception {
        OwnEngine.assumePresentFor(backend);
        Path model = TinyModels.llama(folder.resolve("tiny.gguf"), 7);
        try (InferenceEngine engine =
                Engines.open(options(model, backend).withContextTokens(512))) {
            serveInWaves(engine, REQUESTS / 3);
            long before = residentKib();
            serveInWaves(engine, REQUESTS);
            assertThat(residentKib() - before).isLessThan(TOLERATED_KIB);
            EngineStats stats = engine.stats();
            assertThat(stats.completed() + stats.cancelled()).isEqualTo(REQUESTS / 3 + REQUESTS);
            assertThat(stats.running() + stats.waiting()).isZero();
            assertThat(stats.usedCells()).isLessThan(stats.totalCells());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HEADRACE", "LLAMA_CPP"})
    void openingAndClosingLeavesNothingBehind(Backend backend) throws Exception {
        OwnEngine.assumePresentFor(backend);
        Path model = TinyModels.llama(folder.resolve("other.gguf"), 8);
        openAndClose(options(model, backend), 3);
        long before = residentKib();
        openAndClose(options(model, backend), ROUNDS);
        assertThat(residentKib() - before).isLessThan(TOLERATED_KIB);
    }

    /** With guesses, so that what they leave in the cache counts too. */
    private static EngineOptions options(Path model, Backend backend) {
        return EngineOptions.of(model).withBackend(backend).withDraftTokens(3);
    }

    private static void openAndClose(EngineOptions options, int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            try (InferenceEngine first = Engines.shared(options);
                    InferenceEngine second = Engines.shared(options)) {
                serve(first, 4);
                serve(second, 4);
            }
        }
    }

    /** In waves, so that the heap stays as it is and what grows is native memory. */
    private static void serveInWaves(InferenceEngine engine, int requests) throws Exception {
        for (int left = requests; left > 0; left -= WAVE) {
            serve(engine, Math.min(left, WAVE));
        }
    }

    private static void serve(InferenceEngine engine, int requests) throws Exception {
        Random random = new Random(requests);
        List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            Output output =
                    switch (random.nextInt(3)) {
                        case 0 -> new Output.Labels(List.of("refund", "reply", "other thing"));
                        case 1 -> new Output.Text(8, List.of("\n"), Sampling.GREEDY);
                        default ->
                                new Output.Json("{\"enum\": [1, \"b\", null]}", 8, Sampling.GREEDY);
                    };
            InferenceRequest request =
                    new InferenceRequest(
                            new Prompt(
                                    "the same instructions for all of them",
                                    List.of("record " + random.nextInt(1000), "task")),
                            output,
                            random.nextBoolean() ? ServiceClass.LIVE : ServiceClass.BACKFILL);
            results.add(engine.submit(request).toCompletableFuture());
            if (random.nextInt(20) == 0) {
                engine.cancel(request);
            }
        }
        for (CompletableFuture<InferenceResult> each : results) {
            assertThat(each.get(5, TimeUnit.MINUTES))
                    .isInstanceOfAny(Completed.class, InferenceResult.Cancelled.class);
        }
    }

    private static long residentKib() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }
}
