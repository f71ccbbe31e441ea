package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.connectors.EndPosition;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.remote.testing.ModelServer;
import io.headrace.inference.remote.testing.ModelServer.Answer;
import io.headrace.inference.remote.testing.ModelServer.Asked;
import io.headrace.jobs.pipeline.PipelineFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job with {@code model.remote} in place of {@code model.path}, on real servers. */
class RemoteJobITCase {

    private static final String KEY = "sk-of-the-test";
    private static final String TASKS =
            """
            tasks:
              - { name: intent, classify: { labels: [lost_card, refund, card_arrival] } }
              - { name: topics, classify: { multiLabel: true, labels: [money, travel] } }
              - name: facts
                extract:
                  schema:
                    type: record
                    name: Facts
                    fields:
                      - { name: urgent, type: boolean }
                      - { name: people, type: [ "null", int ], default: null }
              - { name: summary, summarize: { maxTokens: 20 } }
              - name: anger
                custom: { prompt: "Say how angry the writer is.", schema: { type: int } }
            """;

    @TempDir static Path folder;
    private static Fixture fixture;

    private final ModelServer server = ModelServer.start();
    private volatile String webUrl;

    @BeforeAll
    static void startServers() throws Exception {
        fixture = new Fixture(folder);
        Files.writeString(folder.resolve("key"), KEY + "\n");
    }

    @AfterAll
    static void stopServers() {
        fixture.close();
    }

    @AfterEach
    void stopModelServer() {
        server.close();
    }

    private String pipeline(String name, String model, String more) {
        return """
        name: %s
        model: %s
        kafka: { bootstrapServers: "%s" }
        schemaRegistry: { url: "%s" }
        source: { topic: %s-in, key: customer_id, text: "{{ body }}" }
        sink: { topic: %s-out, deadLetterTopic: %s-dead, createTopics: true }
        %s
        """
                .formatted(
                        name,
                        model,
                        fixture.servers().kafka().bootstrapServers(),
                        fixture.servers().registry().url(),
                        name,
                        name,
                        name,
                        more);
    }

    private String remote(String more) {
        return "{ url: \"%s\", model: big, apiKey: \"${file:%s}\", price: { input: 2, output: 5 }%s }"
                .formatted(server.url(), folder.resolve("key"), more);
    }

    private static void produce(String name, int records, int customers) throws Exception {
        fixture.servers().kafka().topics().create(name + "-in", 1);
        List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            String customer = "customer-" + i % customers;
            all.add(
                    new ProducerRecord<>(
                            name + "-in",
                            customer.getBytes(StandardCharsets.UTF_8),
                            fixture.encode(
                                    name + "-in", Fixture.message(customer, "record " + i))));
        }
        fixture.produce(all);
    }

    private static void run(String yaml) throws Exception {
        PipelineFile file = fixture.pipeline(yaml);
        Preflight.of(file).check();
        try (LocalFlink flink = LocalFlink.start(1)) {
            new EnrichmentJob(file).addTo(flink.environment(), new EndPosition.LatestAtStart());
            flink.environment().execute("test");
        }
    }

    private static GenericRecord provenance(Fixture.Read read) {
        return (GenericRecord) read.value().get("provenance");
    }

    /** Every sixth request goes wrong, each time in another way. */
    private static Answer sometimesWrong(Asked asked) {
        if (asked.path().endsWith("/models")) {
            return Answer.of(200, "{\"data\":[{\"id\":\"big\"}]}");
        }
        return switch (asked.number() % 36) {
            case 1 -> Answer.error(429, "too fast", Map.of("Retry-After", "0"));
            case 7 -> Answer.error(500, "broken", Map.of());
            case 13 -> Answer.cut();
            case 19 -> Answer.of(200, "{\"choices\":[{");
            case 25 -> Answer.of(200, "{\"choices\":[],\"content\":[]}");
            case 31 -> ModelServer.completion(asked, "{\"weather\":\"fine\"}");
            default -> ModelServer.fitting(asked);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void doesAllTasksWithAServerThatOftenFails(String api) throws Exception {
        server.setScript(RemoteJobITCase::sometimesWrong);
        produce(api, 24, 6);
        run(
                pipeline(
                        api,
                        "{ remote: " + remote(", api: " + api) + " }",
                        "failure: { maxAttempts: 20, backoff: 10 ms }\n"
                                + "job: { checkpointInterval: 1 s }\n"
                                + TASKS));

        List<Fixture.Read> out = fixture.read(api + "-out", 24);
        assertThat(out).hasSize(24);
        for (Fixture.Read read : out) {
            GenericRecord intent = (GenericRecord) read.value().get("intent");
            assertThat(intent.get("label")).hasToString("lost_card");
            assertThat(intent.get("probability")).isNull(); // The server gives none.
            assertThat((List<?>) read.value().get("topics")).hasSize(2);
            assertThat(((GenericRecord) read.value().get("facts")).get("urgent")).isEqualTo(true);
            assertThat(read.value().get("anger")).isEqualTo(1);
            assertThat(read.value().get("summary")).isNotNull();
            // Five tasks with six questions, at 100 tokens for 2 and 10 for 5 a million.
            assertThat((double) provenance(read).get("cost")).isGreaterThanOrEqualTo(6 * 250 / 1e6);
            assertThat(provenance(read).get("model")).hasToString("big");
        }
        String header = api.equals("openai") ? "authorization" : "x-api-key";
        assertThat(server.asked()).allMatch(asked -> asked.headers().get(header).contains(KEY));
    }

    @Test
    void asksForNoPaidAnswerAgainThatIsInTheLastCheckpoint() throws Exception {
        int records = 20;
        AtomicInteger refused = new AtomicInteger();
        server.setScript(
                asked -> {
                    if (asked.record().equals("record 0") && refused.getAndIncrement() == 0) {
                        // All others are answered, and kept back behind this one of their key.
                        awaitCheckpoints(records);
                        return Answer.error(400, "no such record", Map.of());
                    }
                    return ModelServer.fitting(asked);
                });
        produce("failure", records, 1);
        PipelineFile file =
                fixture.pipeline(
                        pipeline(
                                "failure",
                                "{ remote: " + remote("") + " }",
                                """
                                failure: { policy: fail-job }
                                job: { checkpointInterval: 300 ms }
                                tasks:
                                  - { name: intent, classify: { labels: [lost_card, refund] } }
                                """));
        Preflight.of(file).check();
        try (LocalFlink flink = LocalFlink.start(1)) {
            webUrl = flink.webUrl();
            new EnrichmentJob(file).addTo(flink.environment(), new EndPosition.LatestAtStart());
            flink.environment().execute("test");
        }
        assertThat(fixture.read("failure-out", records)).hasSize(records);
        Map<String, Integer> timesAsked = new HashMap<>();
        server.asked().stream()
                .filter(asked -> asked.path().endsWith("/completions"))
                .forEach(asked -> timesAsked.merge(asked.record(), 1, Integer::sum));
        assertThat(timesAsked.remove("record 0")).isEqualTo(2);
        assertThat(timesAsked).hasSize(records - 1).allSatisfy((text, n) -> assertThat(n).isOne());
    }

    /** Waits for two checkpoints that begin after all records have been asked about. */
    private void awaitCheckpoints(int records) throws Exception {
        while (server.asked().size() < records + 1) { // and the check before the start
            Thread.sleep(10);
        }
        Thread.sleep(500); // until the last answers have come back
        long before = completedCheckpoints();
        while (completedCheckpoints() < before + 2) {
            Thread.sleep(50);
        }
    }

    private long completedCheckpoints() throws Exception {
        ObjectMapper json = new ObjectMapper();
        String job = json.readTree(get("/jobs")).path("jobs").path(0).path("id").asText();
        return json.readTree(get("/jobs/" + job + "/checkpoints"))
                .path("counts")
                .path("completed")
                .asLong();
    }

    private String get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(webUrl + path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void aSpentBudgetLeavesTheRestToTheLocalModel() throws Exception {
        produce("local", 12, 3);
        run(
                pipeline(
                        "local",
                        "{ path: \"%s\", contextTokens: 512, remote: %s }"
                                .formatted(
                                        fixture.model(),
                                        remote(
                                                ", concurrency: 1, budget: { money: 0.001,"
                                                        + " whenSpent: local }")),
                        """
                        job: { checkpointInterval: 1 s }
                        tasks:
                          - { name: intent, classify: { labels: [lost_card, refund] } }
                        """));
        List<String> models = new ArrayList<>();
        for (Fixture.Read read : fixture.read("local-out", 12)) {
            List<?> answers = (List<?>) provenance(read).get("answers");
            models.add(((GenericRecord) answers.get(0)).get("model").toString());
        }
        assertThat(models).hasSize(12);
        // An answer costs 0.00025.
        assertThat(models.stream().filter("big"::equals).count()).isBetween(3L, 4L);
    }

    @Test
    void saysBeforeTheStartThatTheServerIsAwayOrRefusesTheKey() throws Exception {
        fixture.servers().kafka().topics().create("key-in", 1);
        fixture.encode("key-in", Fixture.message("c", "registers the schema"));
        String yaml =
                pipeline(
                        "key",
                        "{ remote: " + remote("") + " }",
                        "tasks: [ { name: summary, summarize: { maxTokens: 8 } } ]");
        server.setScript(asked -> Answer.error(401, "the key " + KEY + " is wrong", Map.of()));
        assertThatThrownBy(() -> Preflight.of(fixture.pipeline(yaml)).check())
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("refuses the key (401: the key *** is wrong)");
        server.close();
        assertThatThrownBy(() -> Preflight.of(fixture.pipeline(yaml)).check())
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("cannot be reached");
    }
}
