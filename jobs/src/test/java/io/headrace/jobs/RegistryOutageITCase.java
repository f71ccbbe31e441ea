package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.EndPosition;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.testing.InstantEngine;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.flink.core.execution.JobClient;
import org.junit.jupiter.api.Test;

class RegistryOutageITCase {

    private static final Schema KNOWN = message("");
    private static final Schema NEW =
            message(",{\"name\":\"channel\",\"type\":\"string\",\"default\":\"web\"}");

    private static Schema message(String more) {
        return new Schema.Parser()
                .parse(
                        """
                        {"type":"record","name":"Note","namespace":"outage","fields":[
                         {"name":"body","type":"string"}%s]}"""
                                .formatted(more));
    }

    @Test
    void theJobGoesOnByItselfWhenTheRegistryIsBackAndLosesNothing() throws Exception {
        String in = Edges.newTopic("outage-in", 1);
        String out = Edges.newTopic("outage-out", 1);
        String dead = Edges.newTopic("outage-dead", 1);
        PipelineFile file =
                Edges.pipeline(
                        Edges.head("outage")
                                + """
                                source: { topic: %s, text: "{{ body }}" }
                                sink: { topic: %s, deadLetterTopic: %s }
                                """
                                        .formatted(in, out, dead)
                                + Edges.TASKS);
        byte[] first = note(in + "-1", KNOWN, "one");
        byte[] second = note(in + "-1", KNOWN, "two");
        byte[] third = note(in + "-2", NEW, "three");
        try (LocalFlink flink = LocalFlink.start(1)) {
            new EnrichmentJob(file, new InstantEngine.Provider())
                    .addTo(flink.environment(), new EndPosition.Unbounded());
            JobClient job = flink.environment().executeAsync("outage");
            Edges.send(List.of(Edges.keyed(in, "k", first)));
            Edges.awaitRecords(out, 1);

            Edges.servers().registry().stop();
            // The schema of the one is known, that of the other has to be asked for.
            Edges.send(List.of(Edges.keyed(in, "k", second), Edges.keyed(in, "k", third)));
            TimeUnit.SECONDS.sleep(5);
            Edges.servers().registry().restart();

            Edges.awaitRecords(out, 3);
            job.cancel().get(30, TimeUnit.SECONDS);
        }
        assertThat(Edges.readAvro(out))
                .extracting(record -> record.get("body").toString())
                .containsExactly("one", "two", "three");
        assertThat(Edges.readAvro(dead)).isEmpty();
    }

    private static byte[] note(String subject, Schema schema, String body) {
        Map<String, Object> fields =
                schema.getField("channel") == null
                        ? Map.of("body", body)
                        : Map.of("body", body, "channel", "phone");
        return Edges.avro(subject, Edges.record(schema, fields));
    }
}
