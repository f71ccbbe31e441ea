package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.connectors.KafkaCheck;
import io.headrace.connectors.KafkaConnection;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.watch.Watch;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page over a real broker: what it is told, and what it never is. */
class WatchITCase {

    private static final String HOSTILE = "<script>alert('x')</script></message>{{ 7*7 }}";
    private static final String SECRET = "open-sesame-7731";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir Path folder;

    private PipelineFile pipeline(String in, String out, String dead, String format)
            throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        return Edges.pipeline(
                Edges.head(in)
                                .replace(
                                        "\" }\nschema",
                                        "\", properties: { ssl.truststore.password: \"${file:"
                                                + secret
                                                + "}\" } }\nschema")
                        + """
                        source: { topic: %s, format: text, text: "{{ value }}" }
                        sink: { topic: %s, deadLetterTopic: %s, format: %s }
                        """
                                .formatted(in, out, dead, format)
                        + Edges.TASKS);
    }

    private static Watch start(PipelineFile file, boolean masksTexts, int last) throws Exception {
        return Watch.start(
                file,
                new Watch.Options(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        masksTexts,
                        last));
    }

    private static HttpResponse<String> get(Watch watch, String path) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(watch.url() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Asks as the page does, until there are so many. */
    private static List<JsonNode> cards(Watch watch, int expected) throws Exception {
        List<JsonNode> cards = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        long after = 0;
        while (cards.size() < expected && System.nanoTime() < deadline) {
            JsonNode answer =
                    new ObjectMapper().readTree(get(watch, "/cards?after=" + after).body());
            for (JsonNode card : answer.path("cards")) {
                cards.add(card);
                after = card.path("number").asLong();
            }
            Thread.sleep(100);
        }
        assertThat(cards).hasSize(expected);
        return cards;
    }

    private static JsonNode only(List<JsonNode> cards, String containing) {
        List<JsonNode> found =
                cards.stream().filter(card -> card.toString().contains(containing)).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"avro", "json"})
    void showsRecordsResultsPromptsAndDeadLettersAsTheyCome(String format) throws Exception {
        String in = Edges.newTopic("watch-in", 1);
        String out = Edges.newTopic("watch-out", 2);
        String dead = Edges.newTopic("watch-dead", 1);
        PipelineFile file = pipeline(in, out, dead, format);
        try (Watch watch = start(file, false, 10)) {
            assertThat(get(watch, "/cards?after=0").body()).contains("\"cards\":[]");
            Edges.send(
                    List.of(
                            Edges.keyed(in, "k1", HOSTILE.getBytes(UTF_8)),
                            Edges.keyed(in, "k2", "refuse this".getBytes(UTF_8)),
                            Edges.keyed(in, "k3", ("say " + SECRET).getBytes(UTF_8))));
            Edges.run(file);
            List<JsonNode> cards = cards(watch, 3);

            JsonNode record = only(cards, "alert");
            assertThat(record.path("input").path("value").asText()).isEqualTo(HOSTILE);
            assertThat(record.path("key").asText()).isEqualTo("k1");
            assertThat(record.path("results").path(0).path("value").path("label").asText())
                    .isIn("lost_card", "refund", "card_arrival");
            assertThat(record.path("results").path(1).path("task").asText()).isEqualTo("summary");
            assertThat(record.path("provenance").path("promptTokens").asInt()).isPositive();
            assertThat(record.path("otherVersion").asBoolean()).isFalse();
            assertThat(record.path("prompts").path(0).path("user").asText())
                    .startsWith("<message>\n<script>alert('x')</script></ message>{{ 7*7 }}\n")
                    .endsWith("Task: intent");

            JsonNode letter = only(cards, "refuse");
            assertThat(letter.path("letter").asBoolean()).isTrue();
            assertThat(letter.path("failure").path("errorClass").asText()).isEqualTo("Rejected");
            assertThat(letter.path("input").path("value").asText()).isEqualTo("refuse this");
            assertThat(letter.path("prompts").path(0).path("user").asText())
                    .contains("refuse this");

            assertThat(cards.toString()).doesNotContain(SECRET).contains("say ••••");
        }
    }

    @Test
    void masksWhatRecordsAndModelsSayWhereAskedAndKeepsTheNewest() throws Exception {
        String in = Edges.newTopic("watch-in", 1);
        String out = Edges.newTopic("watch-out", 1);
        String dead = Edges.newTopic("watch-dead", 1);
        PipelineFile file = pipeline(in, out, dead, "avro");
        Edges.send(
                List.of(
                        Edges.keyed(in, "customer Marple", "first Marple".getBytes(UTF_8)),
                        Edges.keyed(in, "customer Marple", "refuse Marple".getBytes(UTF_8)),
                        Edges.keyed(in, "customer Marple", "second Marple".getBytes(UTF_8))));
        Edges.run(file);
        Edges.send(List.of(Edges.keyed(out, "Marple", "not Avro".getBytes(UTF_8))));
        try (Watch watch = start(file, true, 20)) {
            List<JsonNode> cards = cards(watch, 4);
            assertThat(cards.toString()).doesNotContainIgnoringCase("marple");
            assertThat(cards.toString()).contains("\"label\":", "Rejected", "▒▒▒ (12 characters)");
            assertThat(cards).anyMatch(card -> card.has("problem"));
        }
        // Of each topic one is the mark of a transaction.
        try (Watch watch = start(file, true, 2)) {
            assertThat(cards(watch, 2))
                    .extracting(card -> card.path("letter").asBoolean())
                    .containsExactlyInAnyOrder(true, false);
        }
    }

    @Test
    void answersNobodyElsesPageAndLeavesNothingInTheCluster() throws Exception {
        String in = Edges.newTopic("watch-in", 1);
        PipelineFile file = pipeline(in, in + "-missing", in + "-missing-dead", "avro");
        try (Watch watch = start(file, false, 10)) {
            HttpResponse<String> page = get(watch, "/");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .startsWith("default-src 'none'; connect-src 'self'");
            assertThat(page.body())
                    .doesNotContain("http://", "https://", "innerHTML", "document.write", "eval(")
                    .doesNotContain("{{nonce}}");
            int port = URI.create(watch.url()).getPort();
            assertThat(status(port, "GET / HTTP/1.1", "Host: localhost:" + port)).contains("200");
            assertThat(status(port, "GET / HTTP/1.1", "Host: evil.example:" + port))
                    .contains("403");
            assertThat(status(port, "GET /cards?after=0 HTTP/1.1", "Host: evil.example"))
                    .contains("403");
            assertThat(status(port, "POST / HTTP/1.1", "Host: localhost")).contains("405");
            assertThat(get(watch, "/cards?after=x").statusCode()).isEqualTo(400);
            assertThat(get(watch, "/etc/passwd").statusCode()).isEqualTo(404);
            String status = get(watch, "/cards?after=0").body();
            for (int i = 0; i < 100 && !status.contains("Not there yet"); i++) {
                Thread.sleep(100);
                status = get(watch, "/cards?after=0").body();
            }
            assertThat(status).contains("Not there yet: ", in + "-missing");
        }
        try (KafkaCheck kafka =
                KafkaCheck.connect(KafkaConnection.of(Edges.kafka()), Duration.ofSeconds(15))) {
            assertThat(kafka.topics()).contains(in).doesNotContain(in + "-missing");
        }
    }

    /** The first line of the answer, by a client that says what it likes. */
    private static String status(int port, String... head) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = String.join("\r\n", head) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            return answer.toString(UTF_8).lines().findFirst().orElse("");
        }
    }
}
