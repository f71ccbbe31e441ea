package io.headrace.jobs.faults;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.Output;
import io.headrace.inference.Usage;
import io.headrace.operators.EngineProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * An engine that misbehaves as the text asks it to, and writes each answer down in a folder, where
 * it outlives its process.
 *
 * <p>A text that begins with {@code hold} is answered once the folder has a file {@code open};
 * {@code hang} is never answered, {@code reject} is refused, {@code fail} fails, {@code throw}
 * throws, {@code garbage} gets an answer that is no valid result. All others are answered after the
 * delay.
 */
final class TestEngine implements InferenceEngine {

    private static final Usage USAGE = new Usage(100, 60, 5, 1_000_000, 1_000_000);
    private static final long GATE_POLL_MILLIS = 50;

    private final Path folder;
    private final int delayMillis;
    private final FileChannel log;
    private final Map<InferenceRequest, CompletableFuture<InferenceResult>> open =
            new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread daemon = new Thread(task, "test-engine");
                        daemon.setDaemon(true);
                        return daemon;
                    });

    private TestEngine(Path folder, int delayMillis) throws IOException {
        this.folder = folder;
        this.delayMillis = delayMillis;
        this.log =
                FileChannel.open(
                        folder.resolve("answers-" + UUID.randomUUID()),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE);
    }

    /** Opens engines that share a folder. */
    record Provider(String folder, int delayMillis) implements EngineProvider {

        @Override
        public InferenceEngine open() {
            try {
                return new TestEngine(Path.of(folder), delayMillis);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The texts that engines of a folder have answered, one for each answered request. */
    static List<String> answered(Path folder) throws IOException {
        List<String> answered = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().contains("answers-")).toList()) {
                answered.addAll(Files.readAllLines(file));
            }
        }
        return answered;
    }

    /** Answers what was held. */
    static void openGate(Path folder) throws IOException {
        Files.createFile(folder.resolve("open"));
    }

    private static String textOf(InferenceRequest request) {
        return request.prompt().user().get(1);
    }

    @Override
    public CompletionStage<InferenceResult> submit(InferenceRequest request) {
        String text = textOf(request);
        if (text.startsWith("throw")) {
            throw new IllegalStateException("the engine is broken");
        }
        CompletableFuture<InferenceResult> future = new CompletableFuture<>();
        open.put(request, future);
        if (!text.startsWith("hang")) {
            later(request, text, delayMillis);
        }
        return future;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the answer is what is waited for
    private void later(InferenceRequest request, String text, long millis) {
        thread.schedule(() -> answer(request, text), millis, TimeUnit.MILLISECONDS);
    }

    private void answer(InferenceRequest request, String text) {
        if (text.startsWith("hold") && Files.notExists(folder.resolve("open"))) {
            later(request, text, GATE_POLL_MILLIS);
            return;
        }
        CompletableFuture<InferenceResult> future = open.remove(request);
        if (future != null) {
            write(text);
            future.complete(resultOf(request, text));
        }
    }

    private void write(String text) {
        try {
            log.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A short text that no other text has. */
    static String summaryOf(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static InferenceResult resultOf(InferenceRequest request, String text) {
        if (text.startsWith("reject")) {
            return new InferenceResult.Rejected("the prompt is too long");
        }
        if (text.startsWith("fail")) {
            return new InferenceResult.Failed("decode failed");
        }
        if (request.output() instanceof Output.Labels labels) {
            int count = labels.labels().size();
            return new InferenceResult.Scores(Collections.nCopies(count, 1.0 / count), USAGE);
        }
        if (request.output() instanceof Output.Text) {
            return new InferenceResult.Generated(summaryOf(text), false, USAGE);
        }
        String json = text.startsWith("garbage") ? "{\"people\":\"many\"}" : "{\"people\":2}";
        return new InferenceResult.Generated(json, false, USAGE);
    }

    @Override
    public void cancel(InferenceRequest request) {
        CompletableFuture<InferenceResult> future = open.remove(request);
        if (future != null) {
            future.complete(new InferenceResult.Cancelled());
        }
    }

    @Override
    public ModelInfo model() {
        return new ModelInfo("test", "digest", "test", "none", 2048, 256);
    }

    @Override
    public int countPromptTokens(InferenceRequest request) {
        return textOf(request).length();
    }

    @Override
    public EngineStats stats() {
        return new EngineStats(0, 0, 0, 0, open.size(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        open.values().forEach(f -> f.complete(new InferenceResult.Failed("closed")));
        try {
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
