package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.EndPosition;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.testing.InstantEngine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** A running job whose topics are a pattern, more partitions than subtasks, most of them silent. */
class TopicPatternITCase {

    private static final long HOUR = Duration.ofHours(1).toMillis();

    /** An hour of today, since Kafka deletes what is older than its retention. */
    private static final long FIRST = (System.currentTimeMillis() / HOUR - 5) * HOUR;

    @Test
    void silentPartitionsHoldNoWindowBackAndTopicsCreatedLaterAreRead() throws Exception {
        String first = Edges.newTopic("growing-in", 5);
        String out = Edges.newTopic("growing-out", 1);
        String dead = Edges.newTopic("growing-dead", 1);
        try (LocalFlink flink = LocalFlink.start(2)) {
            new EnrichmentJob(pipeline(out, dead), new InstantEngine.Provider())
                    .addTo(flink.environment(), new EndPosition.Unbounded());
            JobClient job = flink.environment().executeAsync("growing");
            send(first, 3, FIRST, "one");
            send(first, 3, FIRST + HOUR, "time goes on");
            assertThat(Edges.awaitRecords(out, 1)).hasSize(1);

            String second = Edges.newTopic("growing-in", 1);
            send(second, 0, FIRST + 2 * HOUR, "a new topic");
            send(second, 0, FIRST + 3 * HOUR, "and on");
            Edges.awaitRecords(out, 3);
            job.cancel().get(30, TimeUnit.SECONDS);
        }
        assertThat(Edges.read(dead)).isEmpty();
        List<GenericRecord> windows = Edges.readAvro(out);
        assertThat(windows)
                .extracting(window -> window.get("records") + " " + window.get("hour"))
                .containsExactly("1 ONE", "1 TIME GOES ON", "1 A NEW TOPIC");
    }

    private static void send(String topic, int partition, long time, String text) throws Exception {
        Edges.send(
                List.of(
                        new ProducerRecord<>(
                                topic,
                                partition,
                                time,
                                "k".getBytes(UTF_8),
                                text.getBytes(UTF_8))));
    }

    private static PipelineFile pipeline(String out, String dead) {
        return Edges.pipeline(
                """
                name: growing
                model: { path: none.gguf }
                kafka:
                  bootstrapServers: "%s"
                  properties: { partition.discovery.interval.ms: 300 }
                schemaRegistry: { url: "%s" }
                source:
                  topicPattern: "growing-in-.*"
                  format: text
                  text: "{{ value }}"
                  window: 1 h
                  idleAfter: 500 ms
                  maxOutOfOrder: 0 s
                sink: { topic: %s, deadLetterTopic: %s }
                job: { checkpointInterval: 200 ms }
                tasks: [ { name: hour, summarize: { maxTokens: 9 } } ]
                """
                        .formatted(Edges.kafka(), Edges.servers().registry().url(), out, dead));
    }
}
