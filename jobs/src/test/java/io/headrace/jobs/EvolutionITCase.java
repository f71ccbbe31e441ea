package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.testing.InstantEngine;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.JobClient;
import org.junit.jupiter.api.Test;

class EvolutionITCase {

    private static final Schema FIRST = version("");
    private static final Schema SECOND =
            version(",{\"name\":\"channel\",\"type\":\"string\",\"default\":\"web\"}");
    private static final Schema THIRD =
            version(
                    ",{\"name\":\"channel\",\"type\":\"string\",\"default\":\"web\"},"
                            + "{\"name\":\"tags\",\"type\":{\"type\":\"array\",\"items\":\"string\"},"
                            + "\"default\":[]}");

    /** No reader of this one can read what was written before. */
    private static final Schema INCOMPATIBLE = version(",{\"name\":\"urgency\",\"type\":\"int\"}");

    private static Schema version(String more) {
        return new Schema.Parser()
                .parse(
                        """
                        {"type":"record","name":"Message","namespace":"test","fields":[
                         {"name":"body","type":"string"}%s]}"""
                                .formatted(more));
    }

    @Test
    void newFieldsFlowThroughARunningJobAndIncompatibleVersionsBecomeDeadLetters()
            throws Exception {
        String in = Edges.newTopic("evolving-in", 1);
        String out = Edges.newTopic("evolving-out", 1);
        String dead = Edges.newTopic("evolving-dead", 1);
        PipelineFile file =
                Edges.pipeline(
                        Edges.head("evolving")
                                + """
                                source: { topic: %s, text: "{{ body }}" }
                                sink: { topic: %s, deadLetterTopic: %s }
                                """
                                        .formatted(in, out, dead)
                                + Edges.TASKS);
        try (LocalFlink flink = LocalFlink.start(1)) {
            new EnrichmentJob(file, new InstantEngine.Provider())
                    .addTo(flink.environment(), new EndPosition.Unbounded());
            JobClient job = flink.environment().executeAsync("evolving");

            send(in, FIRST, Map.of("body", "one"));
            Edges.awaitRecords(out, 1);
            send(in, SECOND, Map.of("body", "two", "channel", "phone"));
            Edges.awaitRecords(out, 2);
            send(in, INCOMPATIBLE, Map.of("body", "bad", "urgency", 3));
            send(in, INCOMPATIBLE, Map.of("body", "worse", "urgency", 4));
            send(in, THIRD, Map.of("body", "three", "tags", List.of("a", "b")));
            send(in, FIRST, Map.of("body", "one again"));
            Edges.awaitRecords(out, 4);
            Edges.awaitRecords(dead, 2);

            assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
            job.cancel().get(30, TimeUnit.SECONDS);
        }

        List<GenericRecord> enriched = Edges.readAvro(out);
        assertThat(enriched)
                .extracting(record -> record.get("body").toString())
                .containsExactly("one", "two", "three", "one again");
        assertThat(enriched.get(0).getSchema().getField("channel")).isNull();
        assertThat(enriched.get(1).get("channel")).hasToString("phone");
        assertThat(enriched.get(2).get("channel")).hasToString("web");
        assertThat(enriched.get(2).get("tags")).hasToString("[a, b]");
        assertThat(enriched.get(3).getSchema()).isEqualTo(enriched.get(0).getSchema());
        assertThat(enriched).allSatisfy(it -> assertThat(it.get("intent")).isNotNull());
        assertThat(versionsOf(enriched)).hasSize(3);

        List<GenericRecord> letters = Edges.readAvro(dead);
        assertThat(letters).hasSize(2);
        assertThat(letters)
                .allSatisfy(
                        letter -> {
                            assertThat(letter.get("stage")).hasToString("ENCODE");
                            assertThat(letter.get("errorClass")).hasToString("SchemaRefused");
                            assertThat(letter.get("message").toString()).contains("urgency");
                        });
        try (SchemaRegistry registry = Edges.registry()) {
            Schema newest = registry.latest(SchemaRegistry.subjectOf(out)).orElseThrow();
            assertThat(newest.getField("tags")).isNotNull();
        }
    }

    private static Set<Schema> versionsOf(List<GenericRecord> records) {
        Set<Schema> versions = new HashSet<>();
        records.forEach(record -> versions.add(record.getSchema()));
        return versions;
    }

    /** Each version has a subject of its own: the input's rule must not stand in for ours. */
    private static void send(String topic, Schema schema, Map<String, Object> fields)
            throws Exception {
        String subject =
                topic
                        + "-"
                        + schema.getFields().size()
                        + schema.getFields().get(schema.getFields().size() - 1).name();
        Edges.send(
                List.of(
                        Edges.keyed(
                                topic, "k", Edges.avro(subject, Edges.record(schema, fields)))));
    }
}
