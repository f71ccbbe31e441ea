package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class FormatsITCase {

    private static final Schema MESSAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","namespace":"test","fields":[
                             {"name":"body","type":"string"},
                             {"name":"author","type":["null",{"type":"record","name":"Author",
                               "fields":[{"name":"name","type":["null","string"]}]}],
                               "default":null}]}""");

    @Test
    void readsAndWritesJsonWithoutARegistryAndKeepsKeyHeadersAndTheTimeOfAField() throws Exception {
        String in = Edges.newTopic("json-in", 1);
        String out = Edges.newTopic("json-out", 1);
        String dead = Edges.newTopic("json-dead", 1);
        ProducerRecord<byte[], byte[]> good =
                Edges.keyed(
                        in,
                        "k",
                        "{\"body\":\"hello\",\"at\":\"2026-01-02T03:04:05Z\",\"n\":{\"x\":[1]}}"
                                .getBytes(UTF_8));
        good.headers().add("trace", "t1".getBytes(UTF_8));
        Edges.send(
                List.of(
                        good,
                        Edges.keyed(in, "k", "no json".getBytes(UTF_8)),
                        Edges.keyed(in, "k", "{\"body\":\"late\"}".getBytes(UTF_8)),
                        Edges.keyed(in, "k", "{\"at\":\"2026-01-02T03:04:05Z\"}".getBytes(UTF_8)),
                        Edges.keyed(in, "k", null)));

        Edges.run(
                Edges.pipeline(
                        """
                        model: { path: none.gguf }
                        kafka: { bootstrapServers: "%s" }
                        source: { topic: %s, format: json, text: "{{ body }}", eventTime: at }
                        sink: { topic: %s, deadLetterTopic: %s, format: json }
                        """
                                        .formatted(Edges.kafka(), in, out, dead)
                                + Edges.TASKS));

        List<ConsumerRecord<byte[], byte[]>> enriched = Edges.read(out);
        assertThat(enriched).hasSize(1);
        JsonNode json = new ObjectMapper().readTree(enriched.get(0).value());
        assertThat(json.get("body").asText()).isEqualTo("hello");
        assertThat(json.get("n").get("x").get(0).asInt()).isEqualTo(1);
        assertThat(json.get("summary").asText()).isEqualTo("HELLO");
        assertThat(json.get("intent").get("probability").asDouble()).isEqualTo(0.75);
        assertThat(json.get("provenance").get("model").asText()).isEqualTo("instant");
        assertThat(new String(enriched.get(0).key(), UTF_8)).isEqualTo("k");
        assertThat(Edges.header(enriched.get(0), "trace")).isEqualTo("t1");
        assertThat(enriched.get(0).timestamp()).isEqualTo(1_767_323_045_000L);

        List<String> reasons = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> letter : Edges.read(dead)) {
            JsonNode node = new ObjectMapper().readTree(letter.value());
            reasons.add(node.get("stage").asText() + " " + node.get("errorClass").asText());
            assertThat(Edges.header(letter, "headrace.stage"))
                    .isEqualTo(node.get("stage").asText());
        }
        assertThat(reasons)
                .containsExactlyInAnyOrder(
                        "DECODE RecordFormat",
                        "DECODE EventTime",
                        "RENDER Template",
                        "DECODE Tombstone");
    }

    @Test
    void readsPlainTextIntoOneFieldAndWritesLabelsAsAnEnum() throws Exception {
        String in = Edges.newTopic("text-in", 1);
        String out = Edges.newTopic("text-out", 1);
        String dead = Edges.newTopic("text-dead", 1);
        Edges.send(
                List.of(
                        Edges.keyed(in, "k", "Grüße 🙂".getBytes(UTF_8)),
                        Edges.keyed(in, "k", new byte[] {(byte) 0xc3, 0x28})));

        Edges.run(
                Edges.pipeline(
                        Edges.head("text")
                                + """
                                source: { topic: %s, format: text, text: "{{ value }}" }
                                sink: { topic: %s, deadLetterTopic: %s }
                                job: { checkpointInterval: 300 ms }
                                tasks:
                                  - name: intent
                                    classify: { labels: [lost, found], labelType: enum }
                                """
                                        .formatted(in, out, dead)));

        GenericRecord enriched = Edges.readAvro(out).get(0);
        assertThat(enriched.get("value")).hasToString("Grüße 🙂");
        GenericRecord intent = (GenericRecord) enriched.get("intent");
        assertThat(intent.getSchema().getField("label").schema().getEnumSymbols())
                .containsExactly("lost", "found");
        assertThat(intent.get("label").toString()).isIn("lost", "found");
        assertThat(Edges.readAvro(dead))
                .extracting(letter -> letter.get("errorClass").toString())
                .containsExactly("RecordFormat");
    }

    @Test
    void readsAvroWithoutARegistrysFrameAndTakesAnAbsentRecordAsEmpty() throws Exception {
        String in = Edges.newTopic("plain-in", 1);
        String out = Edges.newTopic("plain-out", 1);
        String dead = Edges.newTopic("plain-dead", 1);
        GenericRecord message = Edges.record(MESSAGE, Map.of("body", "hello"));
        Edges.send(List.of(Edges.keyed(in, "k", plain(message))));

        Edges.run(
                Edges.pipeline(
                        Edges.head("plain")
                                + """
                                source:
                                  topic: %s
                                  format: plain-avro
                                  text: "{{ body }} {{ author.name }}{%% if author %%}!{%% endif %%}"
                                  schema: %s
                                sink: { topic: %s, deadLetterTopic: %s }
                                """
                                        .formatted(in, MESSAGE, out, dead)
                                + Edges.TASKS));

        assertThat(Edges.readAvro(dead)).isEmpty();
        GenericRecord enriched = Edges.readAvro(out).get(0);
        assertThat(enriched.get("body")).hasToString("hello");
        assertThat(enriched.get("summary")).hasToString("HELLO");
    }

    @Test
    void readsEveryTopicOfAPatternIntoAReadersSchema() throws Exception {
        String first = Edges.newTopic("pattern-in", 2);
        String second = Edges.newTopic("pattern-in", 2);
        String out = Edges.newTopic("pattern-out", 1);
        String dead = Edges.newTopic("pattern-dead", 1);
        for (String topic : List.of(first, second)) {
            GenericRecord message = Edges.record(MESSAGE, Map.of("body", "from " + topic));
            Edges.send(List.of(Edges.keyed(topic, "k", Edges.avro(topic + "-value", message))));
        }

        Edges.run(
                Edges.pipeline(
                        Edges.head("pattern")
                                + """
                                source:
                                  topicPattern: "pattern-in-.*"
                                  text: "{{ body }}"
                                  schema:
                                    type: record
                                    name: Message
                                    namespace: test
                                    fields:
                                      - { name: body, type: string }
                                      - { name: channel, type: string, default: web }
                                sink: { topic: %s, deadLetterTopic: %s }
                                """
                                        .formatted(out, dead)
                                + Edges.TASKS));

        List<GenericRecord> enriched = Edges.readAvro(out);
        assertThat(enriched)
                .extracting(record -> record.get("body").toString())
                .containsExactlyInAnyOrder("from " + first, "from " + second);
        assertThat(enriched.get(0).get("channel")).hasToString("web");
        assertThat(enriched.get(0).getSchema().getField("author")).isNull();
    }

    private static byte[] plain(GenericRecord record) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }
}
