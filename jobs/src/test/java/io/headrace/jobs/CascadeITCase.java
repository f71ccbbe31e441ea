package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.connectors.EndPosition;
import io.headrace.inference.remote.testing.ModelServer;
import io.headrace.jobs.eval.CascadeEvaluation;
import io.headrace.jobs.eval.Evaluation;
import io.headrace.jobs.pipeline.PipelineFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cascade from the bundled model to a server that is always right, on generated messages. */
class CascadeITCase {

    private static final int MESSAGES = 80;

    /** Characters of a message that are shown: of whole ones the bundled model gets all right. */
    private static final int BEGINNING = 60;

    /** What rounding in other batches may do to a confidence. */
    private static final double ROUNDING = 0.01;

    @TempDir static Path folder;
    private static final Map<String, String> INTENTS = new HashMap<>();
    private static Fixture fixture;
    private static ModelServer server;
    private static Path rows;

    @BeforeAll
    static void start() throws IOException {
        fixture = new Fixture(folder);
        ObjectMapper json = new ObjectMapper();
        StringBuilder lines = new StringBuilder();
        for (String line : Files.readAllLines(Path.of("../model/messages-heldout.jsonl"))) {
            JsonNode row = json.readTree(line);
            String whole = row.get("text").asText();
            String text = whole.substring(0, Math.min(whole.length(), BEGINNING)).strip();
            if (INTENTS.size() == MESSAGES || INTENTS.containsKey(text)) {
                continue;
            }
            ObjectNode message = json.createObjectNode();
            message.set("customer_id", row.get("customer_id"));
            message.put("body", text);
            message.set("intent", row.get("intent"));
            lines.append(message).append('\n');
            INTENTS.put(text, row.get("intent").asText());
        }
        rows = Files.writeString(folder.resolve("rows.jsonl"), lines);
        server = ModelServer.labelling(text -> INTENTS.get(text).replace('_', ' '));
    }

    @AfterAll
    static void stop() {
        server.close();
        fixture.close();
    }

    private static PipelineFile pipeline(double below) throws Exception {
        String labels = INTENTS.values().stream().distinct().sorted().toList().toString();
        return fixture.pipeline(
                """
                name: cascade
                model: { path: "%s" }
                models:
                  big: { remote: { url: "%s", model: big, price: { input: 2, output: 5 } } }
                kafka: { bootstrapServers: "%s" }
                schemaRegistry: { url: "%s" }
                source: { topic: cascade-in, key: customer_id, text: "{{ body }}" }
                sink: { topic: cascade-out, deadLetterTopic: cascade-dead, createTopics: true }
                job: { checkpointInterval: 1 s }
                tasks:
                  - name: intent
                    cascade: { below: %s, model: big }
                    classify: { labels: %s }
                """
                        .formatted(
                                Path.of("../model/headrace-small.gguf").toAbsolutePath(),
                                server.url(),
                                fixture.servers().kafka().bootstrapServers(),
                                fixture.servers().registry().url(),
                                below,
                                labels));
    }

    private static JsonNode evaluate(Path curve) throws Exception {
        PipelineFile file = pipeline(0.5);
        CascadeEvaluation evaluation =
                new CascadeEvaluation(
                        new Evaluation.Request(
                                file.tasks().tasks().get(0),
                                rows,
                                Optional.empty(),
                                Optional.of("{{ body }}"),
                                Optional.of("intent"),
                                0));
        evaluation.run(EnrichmentJob.engine(file), file.tasks(), done -> {});
        evaluation.plot(curve);
        return evaluation.report(OptionalDouble.empty());
    }

    @Test
    void theChosenThresholdDoesInTheJobWhatItDidInTheEvaluation() throws Exception {
        Path curve = folder.resolve("curve.svg");
        JsonNode report = evaluate(curve);
        assertThat(completions()).isEqualTo(MESSAGES);
        assertThat(Files.size(curve)).isPositive();

        double accuracy = 0;
        double cost = 0;
        for (JsonNode point : report.get("thresholds")) {
            assertThat(point.get("accuracy").asDouble()).isGreaterThanOrEqualTo(accuracy);
            assertThat(point.get("costPerThousand").asDouble()).isGreaterThanOrEqualTo(cost);
            accuracy = point.get("accuracy").asDouble();
            cost = point.get("costPerThousand").asDouble();
        }
        JsonNode alone = report.get("thresholds").get(0);
        JsonNode chosen = report.get("chosen");
        assertThat(alone.get("askedAgain").asDouble()).isZero();
        assertThat(alone.get("accuracy").asDouble()).isLessThan(1);
        assertThat(chosen.get("accuracy").asDouble())
                .isEqualTo(accuracy)
                .isGreaterThan(alone.get("accuracy").asDouble());
        assertThat(chosen.get("askedAgain").asDouble()).isStrictlyBetween(0.0, 1.0);
        System.out.printf("bundled model alone %s%nchosen %s%n", alone, chosen);

        double below = chosen.get("below").asDouble();
        long near =
                Math.round(
                        MESSAGES
                                * (askedAgain(report, below + ROUNDING)
                                        - askedAgain(report, below - ROUNDING)));
        runJob(below);
        int again = 0;
        int right = 0;
        List<Fixture.Read> out = fixture.read("cascade-out", MESSAGES);
        assertThat(out).hasSize(MESSAGES);
        for (Fixture.Read read : out) {
            GenericRecord provenance = (GenericRecord) read.value().get("provenance");
            GenericRecord answer = (GenericRecord) ((List<?>) provenance.get("answers")).get(0);
            again += (boolean) answer.get("escalated") ? 1 : 0;
            String label = ((GenericRecord) read.value().get("intent")).get("label").toString();
            right += label.equals(INTENTS.get(read.value().get("body").toString())) ? 1 : 0;
        }
        assertThat(completions()).isEqualTo(MESSAGES + again);
        assertThat((double) again)
                .isBetween(
                        MESSAGES * chosen.get("askedAgain").asDouble() - near - 1e-6,
                        MESSAGES * chosen.get("askedAgain").asDouble() + near + 1e-6);
        assertThat((double) right)
                .isBetween(
                        MESSAGES * chosen.get("accuracy").asDouble() - near - 1e-6,
                        MESSAGES * chosen.get("accuracy").asDouble() + near + 1e-6);
    }

    private static long completions() {
        return server.asked().stream()
                .filter(asked -> asked.path().endsWith("/completions"))
                .count();
    }

    private static double askedAgain(JsonNode report, double below) {
        int step = Math.max(0, Math.min(100, (int) Math.round(100 * below)));
        return report.get("thresholds").get(step).get("askedAgain").asDouble();
    }

    private static void runJob(double below) throws Exception {
        fixture.servers().kafka().topics().create("cascade-in", 1);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        int number = 0;
        for (String text : INTENTS.keySet()) {
            String customer = "customer-" + number++;
            records.add(
                    new ProducerRecord<>(
                            "cascade-in",
                            customer.getBytes(StandardCharsets.UTF_8),
                            fixture.encode("cascade-in", Fixture.message(customer, text))));
        }
        assertThat(records).hasSize(MESSAGES);
        fixture.produce(records);
        PipelineFile file = pipeline(below);
        Preflight.of(file).check();
        try (LocalFlink flink = LocalFlink.start(1)) {
            new EnrichmentJob(file).addTo(flink.environment(), new EndPosition.LatestAtStart());
            flink.environment().execute("test");
        }
    }
}
