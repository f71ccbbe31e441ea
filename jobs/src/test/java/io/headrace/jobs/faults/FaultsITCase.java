package io.headrace.jobs.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.connectors.KafkaConnection;
import io.headrace.local.FlinkCluster;
import io.headrace.local.LocalKafka;
import io.headrace.local.LocalTopics;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the operator promises, with a real broker and Flink's processes, and faults on purpose. Two
 * TaskManagers of two slots each: a job of four subtasks has a part in both.
 */
class FaultsITCase {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int PARTITIONS = 4;
    private static final int KEYS = 40;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final FaultSizes SIZES = FaultSizes.chosen();

    @TempDir static Path folder;

    private static LocalKafka kafka;
    private static FlinkCluster flink;

    private JobClient running;

    @BeforeAll
    static void startServers() {
        kafka = LocalKafka.start();
        List<Path> lib =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(Path::of)
                        .toList();
        flink = FlinkCluster.start(lib, 2, 2, Map.of("metrics.fetcher.update-interval", "500"));
    }

    @AfterAll
    static void stopServers() {
        if (flink != null) {
            flink.close();
        }
        kafka.close();
    }

    @AfterEach
    void cancelJob() throws Exception {
        if (running != null && !running.getJobStatus().get().isGloballyTerminalState()) {
            running.cancel().get();
        }
    }

    private static FaultJob job(String name) throws Exception {
        Path own = Files.createDirectories(folder.resolve(name));
        FaultJob job =
                new FaultJob(
                        KafkaConnection.of(kafka.bootstrapServers()), flink.restPort(), name, own);
        Files.createDirectories(job.engineFolder());
        try (LocalTopics topics = kafka.topics()) {
            topics.create(job.input(), PARTITIONS);
            topics.create(job.output(), PARTITIONS);
            topics.create(job.dead(), 1);
        }
        return job;
    }

    /** Values {@code key:number:text} over all keys. */
    private static List<String> values(int from, int to, String text) {
        return IntStream.range(from, to)
                .mapToObj(i -> "k" + i % KEYS + ":" + i + ":" + text + " " + i)
                .toList();
    }

    private static void send(FaultJob job, List<String> values, int perSecond) throws Exception {
        TopicTraffic.send(kafka.bootstrapServers(), job.input(), values, perSecond);
    }

    private static CompletableFuture<Void> sendMeanwhile(
            FaultJob job, List<String> values, int perSecond) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        send(job, values, perSecond);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static List<String> read(String topic, int expected) {
        return TopicTraffic.readCommitted(kafka.bootstrapServers(), topic, expected, LIMIT);
    }

    /** Each value is there once, and those of a key are in order. */
    private static void assertOnceAndInOrder(FaultJob job, List<String> sent) {
        List<String> received = read(job.output(), sent.size());
        assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(byKey(received)).isEqualTo(byKey(sent));
    }

    private static Map<String, List<String>> byKey(List<String> values) {
        return values.stream().collect(Collectors.groupingBy(value -> value.split(":", 2)[0]));
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("waited too long for " + what).isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    /** What the cluster says of the job. */
    private JsonNode get(String path) throws Exception {
        URI uri = URI.create(flink.webUrl() + "/jobs/" + running.getJobID() + path);
        return JSON.readTree(
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(uri).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body());
    }

    private JsonNode checkpoints() throws Exception {
        return get("/checkpoints");
    }

    private long completedCheckpoints() throws Exception {
        return checkpoints().path("counts").path("completed").asLong();
    }

    /** Waits for a checkpoint that began after now. */
    private void awaitCheckpoint() throws Exception {
        long now = System.currentTimeMillis();
        await(
                "a checkpoint",
                () ->
                        checkpoints()
                                        .path("latest")
                                        .path("completed")
                                        .path("trigger_timestamp")
                                        .asLong()
                                > now);
    }

    private static void killAndReplaceTaskManager(Random random) {
        List<FlinkCluster.TaskManager> all = flink.taskManagers();
        all.get(random.nextInt(all.size())).kill();
        flink.startTaskManager();
    }

    /** Sends values so slowly that records flow until the last kill. */
    private void sendAndKill(FaultJob job, List<String> values, int kills) throws Exception {
        Random random = new Random(6);
        int perSecond = Math.max(20, values.size() / (12 * kills));
        CompletableFuture<Void> producer = sendMeanwhile(job, values, perSecond);
        await("the first results", () -> completedCheckpoints() > 2);
        for (int kill = 0; kill < kills; kill++) {
            Thread.sleep(random.nextInt(2_000));
            killAndReplaceTaskManager(random);
            awaitCheckpoint();
        }
        producer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aKilledTaskManagerLosesAndDoublesNothing() throws Exception {
        FaultJob job = job("kills");
        running = job.start(FaultJob.Run.of(4));
        List<String> sent = values(0, SIZES.records(), "text");
        sendAndKill(job, sent, SIZES.kills());
        assertOnceAndInOrder(job, sent);
        assertThat(read(job.dead(), 0)).isEmpty();
    }

    @Test
    void aKilledTaskManagerBreaksNoRunningSummaryAndTheirStateDoesNotGrow() throws Exception {
        FaultJob job = job("stories");
        running = job.start(FaultJob.Run.of(4).withTasks(FaultJob.STORY));
        List<String> sent = values(0, SIZES.records() / 2, "text");
        List<String> first = sent.subList(0, 2 * KEYS);
        send(job, first, 1_000);
        read(job.output(), first.size());
        awaitCheckpoint();
        long stateBytes = stateBytes();

        sendAndKill(job, sent.subList(2 * KEYS, sent.size()), Math.max(1, SIZES.kills() / 2));

        List<String> received = read(job.output(), sent.size());
        assertThat(received).containsExactlyInAnyOrderElementsOf(withStories(sent));
        assertThat(byKey(received)).isEqualTo(byKey(withStories(sent)));
        assertThat(read(job.dead(), 0)).isEmpty();
        awaitCheckpoint();
        assertThat(stateBytes()).isLessThan(stateBytes * 5 / 4);
    }

    /** Each value with the summary of its key up to it. */
    private static List<String> withStories(List<String> values) {
        Map<String, String> stories = new HashMap<>();
        List<String> told = new ArrayList<>();
        for (String value : values) {
            String[] parts = value.split(":", 3);
            String before = stories.getOrDefault(parts[0], "");
            String story = TestEngine.summaryOf(FaultJob.STORY.text(before, parts[2]));
            stories.put(parts[0], story);
            told.add(FaultJob.withStory(value, story));
        }
        return told;
    }

    private long stateBytes() throws Exception {
        return checkpoints().path("latest").path("completed").path("state_size").asLong();
    }

    @Test
    void resultsInTheLastCheckpointAreNotInferredAgain() throws Exception {
        FaultJob job = job("replay");
        running = job.start(FaultJob.Run.of(4));
        // The first record of each key is held, and so holds back the results of all others.
        List<String> sent = new ArrayList<>(values(0, KEYS, "hold"));
        sent.addAll(values(KEYS, 4 * KEYS, "text"));
        send(job, sent, 10_000);
        await("the answers", () -> TestEngine.answered(job.engineFolder()).size() == 2 * 3 * KEYS);
        awaitCheckpoint();
        List<FlinkCluster.TaskManager> all = flink.taskManagers();
        all.forEach(FlinkCluster.TaskManager::kill);
        all.forEach(killed -> flink.startTaskManager());
        TestEngine.openGate(job.engineFolder());
        assertOnceAndInOrder(job, sent);
        Map<String, Long> answers =
                TestEngine.answered(job.engineFolder()).stream()
                        .filter(text -> text.startsWith("text"))
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(answers).hasSize(3 * KEYS);
        assertThat(answers.values()).containsOnly(2L); // once for each task
    }

    @Test
    void aBrokerThatGoesAndComesBackCostsNothing() throws Exception {
        FaultJob job = job("outage");
        running = job.start(FaultJob.Run.of(2));
        List<String> before = values(0, 200, "text");
        send(job, before, 200);
        kafka.stop();
        Thread.sleep(Duration.ofSeconds(SIZES.outageSeconds()).toMillis());
        kafka.restart();
        List<String> sent = new ArrayList<>(before);
        sent.addAll(values(200, 400, "text"));
        send(job, sent.subList(200, 400), 200);
        assertOnceAndInOrder(job, sent);
    }

    @Test
    void poisonBecomesDeadLettersWithItsReasonAndTheRestIsEnriched() throws Exception {
        FaultJob job = job("poison");
        running = job.start(FaultJob.Run.of(2).withTimeout(Duration.ofSeconds(2)));
        Map<String, String> reasons = new HashMap<>();
        reasons.put("reject", "INFER/Rejected");
        reasons.put("fail", "INFER/Failed");
        reasons.put("throw", "INFER/Failed");
        reasons.put("hang", "INFER/Timeout");
        reasons.put("garbage", "CONVERT/Unconvertible");
        List<String> sent = new ArrayList<>(values(0, 500, "text"));
        List<String> dead = new ArrayList<>();
        List<String> kinds = List.copyOf(reasons.keySet());
        for (int i = 0; i < 500; i += 100) {
            String kind = kinds.get(i / 100);
            String poison = sent.get(i).replace("text", kind);
            sent.set(i, poison);
            dead.add(reasons.get(kind) + " " + poison);
        }
        send(job, sent, 500);
        assertThat(read(job.dead(), dead.size())).containsExactlyInAnyOrderElementsOf(dead);
        List<String> healthy = sent.stream().filter(value -> value.contains(":text")).toList();
        assertOnceAndInOrder(job, healthy);
    }

    @Test
    void checkpointsGoOnWhileTheQueueIsFull() throws Exception {
        FaultJob job = job("full");
        running = job.start(FaultJob.Run.of(2));
        List<String> sent = values(0, 2_000, "hold");
        send(job, sent, 10_000);
        awaitCheckpoint();
        long before = completedCheckpoints();
        Thread.sleep(Duration.ofSeconds(SIZES.holdSeconds()).toMillis());
        assertThat(completedCheckpoints() - before).isGreaterThan(SIZES.holdSeconds() / 2);
        await("full queues", () -> Set.of(FaultJob.MAX_IN_FLIGHT).containsAll(recordsInFlight()));
        TestEngine.openGate(job.engineFolder());
        assertOnceAndInOrder(job, sent);
    }

    /** Of each subtask of the operator. */
    private List<Integer> recordsInFlight() throws Exception {
        for (JsonNode vertex : get("").path("vertices")) {
            if (vertex.path("name").asText().startsWith("enrich")) {
                String metrics = "/vertices/" + vertex.path("id").asText() + "/metrics?get=";
                List<Integer> counts = new ArrayList<>();
                for (int i = 0; i < vertex.path("parallelism").asInt(); i++) {
                    JsonNode metric = get(metrics + i + ".enrich.headrace.recordsInFlight");
                    counts.add(metric.path(0).path("value").asInt());
                }
                return counts;
            }
        }
        throw new AssertionError("the job has no operator named enrich");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hashmap", "rocksdb"})
    void stopsWithASavepointAndGoesOnWithOtherNumbersOfSubtasks(String backend) throws Exception {
        FaultJob job = job("rescale-" + backend);
        FaultJob.Run run = FaultJob.Run.of(1).onBackend(backend).withEngineMillis(20);
        List<String> sent = new ArrayList<>();
        int step = 400;
        for (int parallelism : List.of(1, 3, 2)) {
            running = job.start(run);
            int from = sent.size();
            sent.addAll(values(from, from + step, "text"));
            CompletableFuture<Void> producer =
                    sendMeanwhile(job, sent.subList(from, from + step), 200);
            if (parallelism == 2) {
                producer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                // Texts that were answered before the first savepoint.
                send(job, values(0, KEYS, "text"), 1_000);
                break;
            }
            await("results", () -> completedCheckpoints() > 1);
            Thread.sleep(500);
            run = run.from(stopWithSavepoint(job), parallelism == 1 ? 3 : 2);
            producer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        List<String> expected = new ArrayList<>(sent);
        expected.addAll(values(0, KEYS, "text"));
        List<String> received = read(job.output(), expected.size());
        assertThat(received).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(byKey(received)).isEqualTo(byKey(expected));
        Map<String, Long> answers =
                TestEngine.answered(job.engineFolder()).stream()
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        IntStream.range(0, KEYS).forEach(i -> assertThat(answers).containsEntry("text " + i, 2L));
    }

    private String stopWithSavepoint(FaultJob job) throws Exception {
        long start = System.nanoTime();
        String path =
                running.stopWithSavepoint(
                                false,
                                job.folder().resolve("savepoints").toUri().toString(),
                                SavepointFormatType.CANONICAL)
                        .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
        return path;
    }

    @Test
    void cancelsUnderLoadInSeconds() throws Exception {
        FaultJob job = job("cancel");
        running = job.start(FaultJob.Run.of(4));
        send(job, values(0, 2_000, "hold"), 10_000);
        awaitCheckpoint();
        long start = System.nanoTime();
        running.cancel().get();
        await("the end", () -> running.getJobStatus().get().isGloballyTerminalState());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
}
