package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.EndPosition;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.testing.InstantEngine;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** Windows in a running job: each record is in one window's output, or a dead letter. */
class WindowsITCase {

    private static final long HOUR = 3_600_000;

    /** An hour of today, since Kafka deletes what is older than its retention. */
    private static final long FIRST = (System.currentTimeMillis() / HOUR - 5) * HOUR;

    private static void send(String topic, String key, long time, String text) throws Exception {
        Edges.send(
                List.of(
                        new ProducerRecord<>(
                                topic, 0, time, key.getBytes(UTF_8), text.getBytes(UTF_8))));
    }

    @Test
    void closeAsTimePassesAndTheirFailuresAndLateRecordsBecomeDeadLetters() throws Exception {
        String in = Edges.newTopic("windows-in", 1);
        String out = Edges.newTopic("windows-out", 1);
        String dead = Edges.newTopic("windows-dead", 1);
        PipelineFile file =
                Edges.pipeline(
                        Edges.head("windows")
                                + """
                                source: { topic: %s, format: text, text: "{{ value }}", window: 1 h, idleAfter: 1 s }
                                sink: { topic: %s, deadLetterTopic: %s }
                                job: { checkpointInterval: 200 ms }
                                tasks: [ { name: hour, summarize: { maxTokens: 9 } } ]
                                """
                                        .formatted(in, out, dead));
        // One of the two subtasks has no partition: windows wait until it counts as idle.
        try (LocalFlink flink = LocalFlink.start(2)) {
            new EnrichmentJob(file, new InstantEngine.Provider())
                    .addTo(flink.environment(), new EndPosition.Unbounded());
            JobClient job = flink.environment().executeAsync("windows");
            send(in, "Jürgen", FIRST, "one");
            send(in, "b", FIRST + 1, "refuse this");
            send(in, "b", FIRST + 2, "and that");
            send(in, "Jürgen", FIRST + HOUR - 1, "two");
            send(in, "c", FIRST + 3 * HOUR, "time goes on");
            Edges.awaitRecords(out, 1);
            Edges.awaitRecords(dead, 2);
            send(in, "c", FIRST + 3, "late");
            Edges.awaitRecords(dead, 3);
            job.cancel().get(30, TimeUnit.SECONDS);
        }
        assertThat(Edges.read(out))
                .singleElement()
                .satisfies(
                        record -> {
                            assertThat(record.key()).isEqualTo("Jürgen".getBytes(UTF_8));
                            assertThat(record.timestamp()).isEqualTo(FIRST + HOUR - 1);
                        });
        GenericRecord window = Edges.readAvro(out).get(0);
        assertThat(window.get("key")).hasToString("Jürgen");
        assertThat(window.get("windowStart")).isEqualTo(FIRST);
        assertThat(window.get("windowEnd")).isEqualTo(FIRST + HOUR);
        assertThat(window.get("part")).isEqualTo(0);
        assertThat(window.get("records")).isEqualTo(2);
        assertThat(window.get("hour")).hasToString("ONE\n\nTWO");
        assertThat(Edges.readAvro(dead))
                .extracting(letter -> letter.get("errorClass") + " " + letter.get("offset"))
                .containsExactly("Rejected 1", "Rejected 2", "Late 5");
    }
}
