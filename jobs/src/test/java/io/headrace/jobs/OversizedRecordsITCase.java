package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.connectors.Replay;
import io.headrace.connectors.ReplayFilter;
import io.headrace.jobs.pipeline.PipelineFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that fit into their topic, and with their results into no other. */
class OversizedRecordsITCase {

    private static final int LIMIT = 20_000;

    @ParameterizedTest
    @ValueSource(strings = {"max.message.bytes", "max.request.size"})
    void becomeDeadLettersFromTheFirstByteTooManyOn(String setting) throws Exception {
        boolean topics = setting.equals("max.message.bytes");
        String in = Edges.newTopic("large-in", 2);
        String out = Edges.newTopic("large-out", 1, topics ? mostBytes() : Map.of());
        String dead = Edges.newTopic("large-dead", 1);
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        for (int length = 9_000; length < 10_000; length += 20) {
            sent.add(Edges.keyed(in, "k" + length, text(length)));
        }
        sent.add(Edges.keyed(in, "last", "short".getBytes(UTF_8)));
        Edges.send(sent);

        Edges.run(pipeline(topics ? "" : "max.request.size: " + LIMIT, in, out, dead, "avro"));

        List<GenericRecord> enriched = Edges.readAvro(out);
        List<GenericRecord> letters = Edges.readAvro(dead);
        assertThat(enriched).isNotEmpty();
        assertThat(letters).isNotEmpty();
        assertThat(enriched.size() + letters.size()).isEqualTo(sent.size());
        assertThat(enriched).anyMatch(record -> record.get("value").toString().equals("short"));
        int longest =
                enriched.stream()
                        .mapToInt(record -> record.get("value").toString().length())
                        .max()
                        .orElseThrow();
        assertThat(letters)
                .allSatisfy(
                        letter -> {
                            assertThat(letter.get("stage")).hasToString("ENCODE");
                            assertThat(letter.get("errorClass")).hasToString("RecordTooLarge");
                            assertThat(letter.get("message").toString()).contains(out, setting);
                            assertThat((List<?>) letter.get("dropped")).isEmpty();
                            assertThat(((ByteBuffer) letter.get("value")).remaining())
                                    .isGreaterThan(longest);
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"avro", "json"})
    void leaveOutOfTheirLettersWhatTheTopicDoesNotTakeAndAreNotReplayed(String format)
            throws Exception {
        String in = Edges.newTopic("larger-in", 1);
        String out = Edges.newTopic("larger-out", 1, mostBytes());
        String dead = Edges.newTopic("larger-dead", 1, mostBytes());
        ProducerRecord<byte[], byte[]> headers = Edges.keyed(in, "k", text(100));
        headers.headers().add("trace", new byte[LIMIT]);
        Edges.send(
                List.of(
                        Edges.keyed(in, "k", text(LIMIT)),
                        headers,
                        Edges.keyed(in, "k".repeat(LIMIT), text(100)),
                        Edges.keyed(in, "k", text(100))));
        PipelineFile file = pipeline("", in, out, dead, format);

        Edges.run(file);

        assertThat(Edges.read(out)).hasSize(1);
        List<ConsumerRecord<byte[], byte[]>> letters = Edges.read(dead);
        letters.sort(Comparator.comparing(letter -> Edges.header(letter, "headrace.origin")));
        assertThat(letters)
                .extracting(letter -> Edges.header(letter, "headrace.dropped"))
                .containsExactly("value", "value,headers", "value,headers,key");
        assertThat(letters)
                .extracting(letter -> Edges.header(letter, "headrace.error"))
                .containsOnly("RecordTooLarge");
        assertThat(letters)
                .extracting(letter -> Edges.header(letter, "headrace.origin"))
                .containsExactly(in + "/0/0", in + "/0/1", in + "/0/2");
        assertThat(letters.get(0).key()).isEqualTo("k".getBytes(UTF_8));
        if (format.equals("json")) {
            JsonNode letter = new ObjectMapper().readTree(letters.get(1).value());
            assertThat(letter.get("dropped").toString()).isEqualTo("[\"value\",\"headers\"]");
        } else {
            assertThat(Edges.decode(letters).get(1).get("dropped")).hasToString("[value, headers]");
        }
        assertThat(new DeadLetters(file).replay(all(), false))
                .isEqualTo(new Replay.Report(3, 0, 3, 0, 3, 0, 0));
        assertThat(Edges.read(in)).hasSize(4);
    }

    @Test
    void areNotSentBackIntoATopicThatHasBecomeTooSmall() throws Exception {
        String in = Edges.newTopic("shrunk-in", 1);
        String out = Edges.newTopic("shrunk-out", 1);
        String dead = Edges.newTopic("shrunk-dead", 1);
        Edges.send(
                List.of(
                        Edges.keyed(in, "k", ("refuse " + "x".repeat(30_000)).getBytes(UTF_8)),
                        Edges.keyed(in, "k", "refuse".getBytes(UTF_8))));
        PipelineFile file = pipeline("", in, out, dead, "avro");
        Edges.run(file);

        PipelineFile smaller = pipeline("max.request.size: " + LIMIT, in, out, dead, "avro");

        assertThat(new DeadLetters(smaller).replay(all(), false))
                .isEqualTo(new Replay.Report(2, 0, 2, 0, 1, 1, 0));
        assertThat(Edges.read(in)).hasSize(3);
    }

    private static ReplayFilter all() {
        return new ReplayFilter(Set.of(), Set.of(), 0, Long.MAX_VALUE, 3);
    }

    private static byte[] text(int length) {
        return "x".repeat(length).getBytes(UTF_8);
    }

    private static Map<String, String> mostBytes() {
        return Map.of("max.message.bytes", Integer.toString(LIMIT));
    }

    private static PipelineFile pipeline(
            String property, String in, String out, String dead, String format) {
        return Edges.pipeline(
                """
                name: %s
                model: { path: none.gguf }
                kafka: { bootstrapServers: "%s", properties: { %s } }
                schemaRegistry: { url: "%s" }
                source: { topic: %s, format: text, text: "{{ value }}" }
                sink: { topic: %s, deadLetterTopic: %s, format: %s }
                """
                                .formatted(
                                        in,
                                        Edges.kafka(),
                                        property,
                                        Edges.servers().registry().url(),
                                        in,
                                        out,
                                        dead,
                                        format)
                        + Edges.TASKS);
    }
}
