package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.connectors.EndPosition;
import io.headrace.inference.remote.testing.ModelServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job whose budget runs out holds its records back. An output token costs 1, an answer 10, and at
 * most 41 are reserved for one: so 45 pay for one answer at a time, and no second one. The operator
 * takes one record in, so it is full while it holds.
 */
class BudgetHoldITCase {

    @TempDir static Path folder;
    private static Fixture fixture;

    private final ModelServer server = ModelServer.start();
    private LocalFlink flink;

    @BeforeAll
    static void startServers() throws Exception {
        fixture = new Fixture(folder);
    }

    @AfterAll
    static void stopServers() {
        fixture.close();
    }

    @AfterEach
    void stop() throws Exception {
        if (flink != null) {
            flink.close();
        }
        server.close();
    }

    private JobClient start(String name, int records, String per) throws Exception {
        for (String topic : List.of("-in", "-out", "-dead")) {
            fixture.servers().kafka().topics().create(name + topic, 1);
        }
        List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            all.add(
                    new ProducerRecord<>(
                            name + "-in",
                            "c".getBytes(StandardCharsets.UTF_8),
                            fixture.encode(name + "-in", Fixture.message("c", "record " + i))));
        }
        fixture.produce(all);
        String yaml =
                """
                name: %1$s
                model:
                  remote:
                    url: "%2$s"
                    model: big
                    price: { output: 1000000 }
                    budget: { money: 45, per: %3$s, whenSpent: hold }
                kafka: { bootstrapServers: "%4$s" }
                schemaRegistry: { url: "%5$s" }
                source: { topic: %1$s-in, key: customer_id, text: "{{ body }}" }
                sink: { topic: %1$s-out, deadLetterTopic: %1$s-dead }
                job: { checkpointInterval: 200 ms, maxInFlight: 1 }
                tasks: [ { name: intent, classify: { labels: [lost_card, refund] } } ]
                """
                        .formatted(
                                name,
                                server.url(),
                                per,
                                fixture.servers().kafka().bootstrapServers(),
                                fixture.servers().registry().url());
        flink = LocalFlink.start(1);
        new EnrichmentJob(fixture.pipeline(yaml))
                .addTo(flink.environment(), new EndPosition.LatestAtStart());
        return flink.environment().executeAsync(name);
    }

    private int asked() {
        return server.asked().size();
    }

    private long completedCheckpoints(JobClient job) throws Exception {
        URI uri = URI.create(flink.webUrl() + "/jobs/" + job.getJobID() + "/checkpoints");
        String body =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(uri).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        return new ObjectMapper().readTree(body).path("counts").path("completed").asLong();
    }

    /** Waits for checkpoints that begin and end while nothing is asked. */
    private void awaitCheckpointsWhileHeld(JobClient job) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        int held = 0;
        long before = 0;
        while (held == 0 || held != asked() || completedCheckpoints(job) < before + 2) {
            if (held != asked()) {
                held = asked();
                before = completedCheckpoints(job);
            }
            assertThat(System.nanoTime())
                    .as("%s: %d asked, %d checkpoints", job.getJobStatus().get(), held, before)
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    @Test
    void goesOnWhenTheBudgetIsRenewedAndTakesCheckpointsMeanwhile() throws Exception {
        int records = 2;
        JobClient job = start("renewed", records, "15 s");
        awaitCheckpointsWhileHeld(job);
        assertThat(asked()).isLessThan(records);
        job.getJobExecutionResult().get(120, TimeUnit.SECONDS);
        assertThat(fixture.read("renewed-out", records)).hasSize(records);
        assertThat(asked()).isEqualTo(records);
    }

    @Test
    void endsAtOnceWhenItIsCancelledWhileItHolds() throws Exception {
        JobClient job = start("cancelled", 2, "2 h");
        awaitCheckpointsWhileHeld(job);
        long before = System.nanoTime();
        job.cancel().get(30, TimeUnit.SECONDS);
        while (job.getJobStatus().get(30, TimeUnit.SECONDS) != JobStatus.CANCELED) {
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isLessThan(Duration.ofSeconds(30));
            Thread.sleep(20);
        }
        assertThat(asked()).isEqualTo(1);
    }
}
