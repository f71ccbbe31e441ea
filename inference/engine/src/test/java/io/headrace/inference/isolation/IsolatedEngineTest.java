package io.headrace.inference.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.InferenceResult.Completed;
import io.headrace.inference.InferenceResult.Failed;
import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.InferenceResult.Rejected;
import io.headrace.inference.InferenceResult.Scores;
import io.headrace.inference.Media;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.Output;
import io.headrace.inference.ProcessMemory;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.inference.testing.EngineProcesses;
import io.headrace.inference.testing.TinyModels;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The whole, 20 kills, is in {@code mvn verify -Pfaults}. */
@Timeout(600)
class IsolatedEngineTest {

    private static final int KILLS = Boolean.getBoolean("headrace.faults") ? 20 : 4;

    @TempDir private static Path folder;
    private static EngineOptions options;

    @BeforeAll
    static void write() {
        Path model = TinyModels.llama(folder.resolve("tiny.gguf"), 7);
        options = EngineOptions.of(model).withContextTokens(512).withThreads(1).withIsolated(true);
    }

    @Test
    void answersAsTheEngineInThisProcessDoes() throws Exception {
        List<Output> outputs =
                List.of(
                        new Output.Labels(List.of("refund", "card arrival"), 1.5),
                        new Output.Json("{\"enum\": [1, \"b\"]}", 8, Sampling.GREEDY, "source"),
                        new Output.Text(12, List.of("\n"), Sampling.GREEDY));
        try (InferenceEngine apart = Engines.open(options);
                InferenceEngine here = Engines.open(options.withIsolated(false))) {
            assertThat(apart.model()).isEqualTo(here.model());
            for (Output output : outputs) {
                InferenceResult ours = ask(apart, output);
                InferenceResult theirs = ask(here, output);
                if (ours instanceof Scores scores) {
                    assertThat(scores.probabilities()).isEqualTo(((Scores) theirs).probabilities());
                } else {
                    assertThat(((Generated) ours).text()).isEqualTo(((Generated) theirs).text());
                }
            }
            InferenceRequest request = request(outputs.get(0));
            assertThat(apart.countPromptTokens(request)).isEqualTo(here.countPromptTokens(request));
            assertThat(apart.stats().completed()).isEqualTo(3);
        }
    }

    @Test
    void imagesAreRefusedAndRemoteEnginesNamed() throws Exception {
        try (InferenceEngine engine = Engines.open(options)) {
            InferenceRequest picture =
                    request(new Output.Labels(List.of("cat")))
                            .withMedia(List.of(new Media("image/png", new byte[] {1})));
            InferenceResult result = engine.submit(picture).toCompletableFuture().get();
            assertThat(((Rejected) result).reason()).contains("images", "remote engine");
        }
    }

    @Test
    void whatTheChildRefusesToLoadIsRefusedHere() throws IOException {
        Path broken =
                Files.writeString(folder.resolve("broken.gguf"), "no model at all, just text");
        EngineOptions wrong = EngineOptions.of(broken).withIsolated(true);
        assertThatThrownBy(() -> Engines.open(wrong))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("broken.gguf")
                .hasMessageContaining("GGUF");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void killedInMidBatchItIsBackInSecondsAndEveryRequestEnds() throws Exception {
        try (IsolatedEngine engine = IsolatedEngine.start(options)) {
            killInMidBatch(engine);
            killInMidBatch(engine);
            Held before = Held.now();
            long slowest = 0;
            for (int kill = 2; kill < KILLS; kill++) {
                slowest = Math.max(slowest, killInMidBatch(engine));
                assertThat(EngineProcesses.running()).hasSize(1);
            }
            Held after = Held.now();
            if (Boolean.getBoolean("headrace.test.show")) {
                System.err.printf(
                        "%d kills, slowest %d ms: %s, then %s%n",
                        KILLS, TimeUnit.NANOSECONDS.toMillis(slowest), before, after);
            }
            assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(20));
            assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 1);
            assertThat(after.handles()).isLessThanOrEqualTo(before.handles() + 2);
            assertThat(after.heapBytes()).isLessThan(before.heapBytes() + (2L << 20));
            assertThat(after.residentBytes()).isLessThan(before.residentBytes() + (64L << 20));
        }
        assertThat(EngineProcesses.running()).isEmpty();
    }

    /** Returns how long it took until all was answered. */
    private static long killInMidBatch(IsolatedEngine engine) throws Exception {
        long begin = System.nanoTime();
        List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
        Output text = new Output.Text(100, List.of(), Sampling.GREEDY);
        for (int i = 0; i < 30; i++) {
            results.add(engine.submit(request(text)).toCompletableFuture());
        }
        results.get(0).get(60, TimeUnit.SECONDS);
        long old = engine.processId().orElseThrow();
        ProcessHandle.of(old).orElseThrow().destroyForcibly();
        for (CompletableFuture<InferenceResult> each : results) {
            assertThat(each.get(60, TimeUnit.SECONDS)).isInstanceOf(Completed.class);
        }
        assertThat(engine.processId().orElseThrow()).isNotEqualTo(old);
        return System.nanoTime() - begin;
    }

    @Test
    void aRequestThatTwoChildrenEndedWithFailsWithThatReason() throws Exception {
        try (IsolatedEngine engine = IsolatedEngine.start(options.withContextTokens(8192))) {
            Output endless = new Output.Text(8000, List.of(), Sampling.GREEDY);
            CompletableFuture<InferenceResult> poison =
                    engine.submit(request(endless)).toCompletableFuture();
            for (int i = 0; i < 2; i++) {
                while (engine.processId().isEmpty()) {
                    Thread.sleep(20);
                }
                while (engine.stats().running() == 0) {
                    Thread.sleep(20);
                }
                ProcessHandle.of(engine.processId().orElseThrow()).orElseThrow().destroyForcibly();
                while (engine.processId().isPresent()) {
                    Thread.sleep(5);
                }
            }
            InferenceResult result = poison.get(30, TimeUnit.SECONDS);
            assertThat(((Failed) result).reason()).contains("ended twice", "137");
            assertThat(ask(engine, new Output.Labels(List.of("a", "b"))))
                    .isInstanceOf(Scores.class);
        }
    }

    @Test
    void closingFailsWhatIsInWorkAndLeavesNoProcess() throws Exception {
        IsolatedEngine engine = IsolatedEngine.start(options);
        Output text = new Output.Text(400, List.of(), Sampling.GREEDY);
        List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            results.add(engine.submit(request(text)).toCompletableFuture());
        }
        InferenceRequest unwanted = request(text);
        CompletableFuture<InferenceResult> cancelled =
                engine.submit(unwanted).toCompletableFuture();
        engine.cancel(unwanted);
        assertThat(cancelled.get(10, TimeUnit.SECONDS))
                .isInstanceOf(InferenceResult.Cancelled.class);
        engine.close();
        engine.close();
        for (CompletableFuture<InferenceResult> each : results) {
            assertThat(each.get(5, TimeUnit.SECONDS))
                    .isInstanceOfAny(Failed.class, Completed.class);
        }
        assertThat(ask(engine, text)).isInstanceOf(Failed.class);
        assertThat(EngineProcesses.running()).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theChildGoesWhenItsParentIsKilled() throws Exception {
        Process parent =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElse("java"),
                                "-cp",
                                ManagementFactory.getRuntimeMXBean().getClassPath(),
                                OpensAndWaits.class.getName(),
                                options.modelPath().toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        ProcessHandle child;
        try (BufferedReader out = parent.inputReader(StandardCharsets.UTF_8)) {
            child = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
            parent.destroyForcibly().waitFor();
        }
        child.onExit().get(20, TimeUnit.SECONDS);
        assertThat(child.isAlive()).isFalse();
    }

    /** The parent in the test above. */
    static final class OpensAndWaits {
        private OpensAndWaits() {}

        public static void main(String[] arguments) throws InterruptedException {
            IsolatedEngine engine =
                    IsolatedEngine.start(
                            EngineOptions.of(Path.of(arguments[0])).withContextTokens(1024));
            engine.submit(request(new Output.Text(1000, List.of(), Sampling.GREEDY)));
            System.out.println(engine.processId().orElseThrow());
            Thread.sleep(60_000);
        }
    }

    /** What this process holds: all its threads, open files and memory. */
    private record Held(long threads, long handles, long heapBytes, long residentBytes) {

        static Held now() throws IOException {
            System.gc();
            try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"));
                    Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
                return new Held(
                        threads.count(),
                        open.count(),
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                        ProcessMemory.residentBytes());
            }
        }
    }

    private static InferenceResult ask(InferenceEngine engine, Output output) throws Exception {
        return engine.submit(request(output)).toCompletableFuture().get(120, TimeUnit.SECONDS);
    }

    private static InferenceRequest request(Output output) {
        return new InferenceRequest(new Prompt("be kind", List.of("where is my card")), output);
    }
}
