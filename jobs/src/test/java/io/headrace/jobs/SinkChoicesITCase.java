package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.connectors.SchemaRegistry;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.jobs.testing.InstantEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** What a pipeline may choose about its output, and what is checked of it before it starts. */
class SinkChoicesITCase {

    private static final int LARGE = 1_500_000;

    @Test
    void namesTheFieldThatClashesWithTheOutputsSubjectBeforeTheJobStarts() throws Exception {
        String in = Edges.newTopic("clash-in", 1);
        String out = Edges.newTopic("clash-out", 1);
        String dead = Edges.newTopic("clash-dead", 1);
        Schema message =
                new Schema.Parser()
                        .parse(
                                """
                                {"type":"record","name":"Message","namespace":"test","fields":[
                                 {"name":"body","type":"string"}]}\
                                """);
        Edges.avro(in + "-value", Edges.record(message, Map.of("body", "x")));
        PipelineFile file = pipeline("", in, out, dead, "", "avro");
        SchemaCheck check = new SchemaCheck(file, PipelineConnections.of(file));
        assertThatCode(() -> check.check(Set.of(in))).doesNotThrowAnyException();

        Schema older =
                new Schema.Parser()
                        .parse(
                                """
                                {"type":"record","name":"MessageEnriched","namespace":"test","fields":[
                                 {"name":"body","type":"string"},
                                 {"name":"summary","type":["null","int"],"default":null}]}\
                                """);
        try (SchemaRegistry registry = Edges.registry()) {
            registry.register(SchemaRegistry.subjectOf(out), older);
        }

        assertThatThrownBy(() -> check.check(Set.of(in)))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining("not compatible with subject " + out + "-value")
                .hasMessageContaining("summary")
                .hasMessageContaining("Write to another topic");
    }

    @Test
    void leavesNullWhereATaskAbstained() throws Exception {
        String in = Edges.newTopic("unsure-in", 1);
        String out = Edges.newTopic("unsure-out", 1);
        Edges.send(List.of(Edges.keyed(in, "k", "a card".getBytes(UTF_8))));
        double above = (1 + InstantEngine.PROBABILITY) / 2;

        Edges.run(
                Edges.pipeline(
                        Edges.head(in)
                                + """
                                source: { topic: %s, format: text, text: "{{ value }}" }
                                sink: { topic: %s, deadLetterTopic: %s }
                                tasks:
                                  - { name: unsure, classify: { labels: [a, b], abstainBelow: %s } }
                                  - { name: sure, classify: { labels: [a, b] } }
                                """
                                        .formatted(
                                                in, out, Edges.newTopic("unsure-dead", 1), above)));

        assertThat(Edges.readAvro(out))
                .singleElement()
                .satisfies(
                        record -> {
                            assertThat(record.get("unsure")).isNull();
                            assertThat(record.get("sure")).isInstanceOf(GenericRecord.class);
                        });
    }

    @Test
    void deliversWithoutTransactionsWhenAtLeastOnceIsEnough() throws Exception {
        String in = Edges.newTopic("least-in", 2);
        String out = Edges.newTopic("least-out", 1);
        String dead = Edges.newTopic("least-dead", 1);
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sent.add(Edges.keyed(in, "k" + i, ("text " + i).getBytes(UTF_8)));
        }
        sent.add(Edges.keyed(in, "k", "refuse".getBytes(UTF_8)));
        Edges.send(sent);

        Edges.run(pipeline("", in, out, dead, ", guarantee: at-least-once", "text"));

        List<ConsumerRecord<byte[], byte[]>> enriched = Edges.read(out);
        assertThat(enriched).hasSize(100);
        assertThat(Edges.read(dead)).hasSize(1);
        // A transaction would have left a marker, which takes an offset.
        assertThat(enriched.get(99).offset()).isEqualTo(99);
    }

    @Test
    void sendsLargeRecordsWhereTopicsAndClientAreSetForThem() throws Exception {
        Map<String, String> large = Map.of("max.message.bytes", Integer.toString(4 * LARGE));
        String in = Edges.newTopic("set-in", 1, large);
        String out = Edges.newTopic("set-out", 1, large);
        String dead = Edges.newTopic("set-dead", 1);
        Schema schema =
                new Schema.Parser()
                        .parse(
                                """
                                {"type":"record","name":"Letter","namespace":"test","fields":[
                                 {"name":"body","type":"string"},
                                 {"name":"attachment","type":"string"}]}\
                                """);
        byte[] letter =
                Edges.avro(
                        in + "-value",
                        Edges.record(
                                schema, Map.of("body", "see", "attachment", "x".repeat(LARGE))));
        Edges.send(List.of(Edges.keyed(in, "k", letter)), Map.of("max.request.size", 4 * LARGE));

        Edges.run(pipeline("max.request.size: " + 4 * LARGE, in, out, dead, "", "avro"));

        assertThat(Edges.read(dead)).isEmpty();
        assertThat(Edges.read(out))
                .singleElement()
                .satisfies(record -> assertThat(record.value().length).isGreaterThan(LARGE));
    }

    private static PipelineFile pipeline(
            String property, String in, String out, String dead, String more, String format) {
        return Edges.pipeline(
                """
                name: %s
                model: { path: none.gguf }
                kafka: { bootstrapServers: "%s", properties: { %s } }
                schemaRegistry: { url: "%s" }
                source: { topic: %s, format: %s, text: "{{ %s }}" }
                sink: { topic: %s, deadLetterTopic: %s%s }
                """
                                .formatted(
                                        in,
                                        Edges.kafka(),
                                        property,
                                        Edges.servers().registry().url(),
                                        in,
                                        format,
                                        format.equals("text") ? "value" : "body",
                                        out,
                                        dead,
                                        more)
                        + Edges.TASKS);
    }
}
