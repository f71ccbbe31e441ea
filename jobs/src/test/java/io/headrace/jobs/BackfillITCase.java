package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.KafkaCheckException;
import io.headrace.connectors.StartPosition;
import io.headrace.connectors.TopicRange;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.testing.InstantEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackfillITCase {

    private static final int RECORDS = 200;
    private static final Schema MESSAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","namespace":"test","fields":[
                             {"name":"number","type":"int"},{"name":"body","type":"string"}]}""");

    @TempDir Path folder;

    private int textLength;

    private final String in = Edges.newTopic("backfill-in", 2);
    private final String out = Edges.newTopic("backfill-out", 1);
    private final String dead = Edges.newTopic("backfill-dead", 1);
    private final String yaml =
            Edges.head(in)
                    + """
                    source: { topic: %s, text: "{{ body }}" }
                    sink: { topic: %s, deadLetterTopic: %s }
                    """
                            .formatted(in, out, dead)
                    + Edges.TASKS;
    private final PipelineFile file = Edges.pipeline(yaml);

    @Test
    void givesTheResultsOfTheLiveJobFieldByFieldBesideIt() throws Exception {
        Edges.send(records(0, RECORDS));
        try (LocalFlink flink = LocalFlink.start(1)) {
            new EnrichmentJob(file, new InstantEngine.Provider())
                    .addTo(flink.environment(), new EndPosition.Unbounded());
            JobClient live = flink.environment().executeAsync("live");
            List<ConsumerRecord<byte[], byte[]>> liveRecords = Edges.awaitRecords(out, RECORDS);
            assertThat(liveRecords).hasSize(RECORDS);

            Seen seen = new Seen();
            RunFigures figures =
                    backfill(new StartPosition.Earliest(), new EndPosition.LatestAtStart())
                            .run(seen);

            assertThat(figures.recordsOut()).isEqualTo(RECORDS);
            assertThat(figures.recordsIn()).isEqualTo(RECORDS);
            assertThat(figures.tokensIn()).isPositive();
            assertThat(seen.total).isEqualTo(RECORDS);
            List<ConsumerRecord<byte[], byte[]>> all = Edges.read(out);
            assertThat(all).hasSize(2 * RECORDS);
            assertThat(byNumber(all.subList(RECORDS, all.size())))
                    .isEqualTo(byNumber(all.subList(0, RECORDS)));

            // The live job goes on undisturbed, under its own group.
            Edges.send(records(RECORDS, RECORDS + 1));
            assertThat(Edges.awaitRecords(out, 2 * RECORDS + 1)).hasSize(2 * RECORDS + 1);
            live.cancel().get(30, TimeUnit.SECONDS);
        }
        assertThat(committed("headrace-" + in + "-backfill").values())
                .extracting(OffsetAndMetadata::offset)
                .containsExactlyInAnyOrder(RECORDS / 2L, RECORDS / 2L);
    }

    @Test
    void readsOnlyWhatItIsAskedForAndGoesOnFromItsCommittedOffsets() throws Exception {
        Edges.send(records(0, RECORDS));
        TopicPartition first = new TopicPartition(in, 0);
        TopicPartition second = new TopicPartition(in, 1);

        backfill(
                        new StartPosition.Offsets(Map.of(first, 10L, second, 95L)),
                        new EndPosition.Offsets(Map.of(first, 20L)))
                .run(new Seen());
        assertThat(byNumber(Edges.read(out)).keySet())
                .containsExactlyInAnyOrderElementsOf(
                        numbers(IntStream.range(10, 20), IntStream.range(95, 100)));

        Edges.send(records(RECORDS, RECORDS + 2));
        backfill(new StartPosition.Committed(), new EndPosition.Offsets(Map.of(first, 22L)))
                .run(new Seen());
        assertThat(byNumber(Edges.read(out)).keySet())
                .containsExactlyInAnyOrderElementsOf(
                        numbers(IntStream.range(10, 22), IntStream.range(95, 101)));
    }

    @Test
    void saysThatAnOffsetIsNotThere() throws Exception {
        Edges.send(records(0, 2));

        assertThatThrownBy(
                        () ->
                                backfill(
                                                new StartPosition.Earliest(),
                                                new EndPosition.Offsets(
                                                        Map.of(new TopicPartition(in, 1), 7L)))
                                        .run(new Seen()))
                .isInstanceOf(KafkaCheckException.class)
                .hasMessageContaining("Offset 7 is not in partition " + in + "-1")
                .hasMessageContaining("0 to 1");
    }

    @Test
    void stoppedInBetweenItGoesOnWithoutLosingOrRepeatingARecord() throws Exception {
        textLength = 8_000; // More than fits between source and engine.
        Edges.send(records(0, RECORDS));
        Backfill whole =
                new Backfill(
                        file,
                        new Backfill.Request(
                                "slow",
                                new StartPosition.Earliest(),
                                new EndPosition.LatestAtStart(),
                                Optional.of(folder)),
                        new SlowEngine.Provider());
        Thread stopper =
                new Thread(
                        () -> {
                            try {
                                Edges.awaitRecords(out, 1);
                                whole.stop();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        stopper.start();
        Seen seen = new Seen();
        RunFigures part = whole.run(seen);
        stopper.join();
        assertThat(seen.stopped).isTrue();
        assertThat(part.recordsOut()).isBetween(1L, RECORDS - 1L);
        assertThat(Edges.read(out)).hasSize((int) part.recordsOut());

        RunFigures rest =
                new Backfill(
                                file,
                                new Backfill.Request(
                                        "slow",
                                        new StartPosition.Committed(),
                                        new EndPosition.LatestAtStart(),
                                        Optional.empty()),
                                new InstantEngine.Provider())
                        .run(new Seen());

        assertThat(part.recordsOut() + rest.recordsOut()).isEqualTo(RECORDS);
        assertThat(byNumber(Edges.read(out))).hasSize(RECORDS);
        assertThat(Edges.read(out)).hasSize(RECORDS);
    }

    @Test
    void afterACrashItGoesOnFromTheCheckpointInItsStateFolder() throws Exception {
        Edges.send(records(0, RECORDS));
        Backfill.Request request =
                new Backfill.Request(
                        "crashing",
                        new StartPosition.Earliest(),
                        new EndPosition.LatestAtStart(),
                        Optional.of(folder));
        PipelineFile unordered =
                Edges.pipeline(yaml.replace("maxInFlight", "order: unordered, maxInFlight"));
        Backfill first = new Backfill(unordered, request, new SlowEngine.Provider());
        // A failure of what listens ends the cluster under the job, as a crash does.
        assertThatThrownBy(() -> first.run(new Crash())).hasMessage("crash");
        assertThat(Checkpoints.newest(folder)).isPresent();
        int before = Edges.read(out).size();
        assertThat(before).isBetween(1, RECORDS - 1);

        Seen seen = new Seen();
        RunFigures figures =
                new Backfill(unordered, request, new InstantEngine.Provider()).run(seen);

        assertThat(seen.checkpoint).isPresent();
        assertThat(Edges.read(out)).hasSize(RECORDS);
        assertThat(byNumber(Edges.read(out))).hasSize(RECORDS);
        assertThat(figures.recordsOut()).isEqualTo(RECORDS);
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(path -> path.endsWith("_metadata"))).isEmpty();
        }
    }

    private Backfill backfill(StartPosition from, EndPosition to) {
        return new Backfill(
                file,
                new Backfill.Request("backfill", from, to, Optional.empty()),
                new InstantEngine.Provider());
    }

    /** Even numbers lie in partition 0, odd ones in partition 1. */
    private List<ProducerRecord<byte[], byte[]>> records(int from, int to) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int number = from; number < to; number++) {
            byte[] value =
                    Edges.avro(
                            in + "-value",
                            Edges.record(MESSAGE, Map.of("number", number, "body", text(number))));
            byte[] key = ("key " + number % 7).getBytes(UTF_8);
            records.add(new ProducerRecord<>(in, number % 2, 1_000L + number, key, value));
        }
        return records;
    }

    private String text(int number) {
        return ("text " + number + ".").repeat(1 + textLength / 8);
    }

    private static List<Integer> numbers(IntStream ofFirst, IntStream ofSecond) {
        return IntStream.concat(ofFirst.map(i -> 2 * i), ofSecond.map(i -> 2 * i + 1))
                .boxed()
                .toList();
    }

    /** Everything that a record of the output holds, but for what was measured. */
    private static Map<Integer, String> byNumber(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<Integer, String> byNumber = new TreeMap<>();
        List<GenericRecord> values = Edges.decode(records);
        for (int i = 0; i < records.size(); i++) {
            GenericRecord value = values.get(i);
            GenericRecord provenance = (GenericRecord) value.get("provenance");
            provenance.put("queueMillis", 0L);
            provenance.put("computeMillis", 0L);
            byNumber.put(
                    (Integer) value.get("number"),
                    new String(records.get(i).key(), UTF_8) + records.get(i).timestamp() + value);
        }
        return byNumber;
    }

    private static Map<TopicPartition, OffsetAndMetadata> committed(String group) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", Edges.kafka()))) {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        }
    }

    private static class Seen implements Backfill.Listener {

        private long total;
        private Optional<Path> checkpoint = Optional.empty();
        private boolean stopped;

        @Override
        public void starts(TopicRange range, Optional<Path> from, String webUrl) {
            total = range.size();
            checkpoint = from;
        }

        @Override
        public void progress(RunFigures figures) {
            assertThat(figures.ended()).isBetween(0L, total);
        }

        @Override
        public void ended(RunFigures figures, boolean early) {
            stopped = early;
        }
    }

    private final class Crash extends Seen {

        @Override
        public void progress(RunFigures figures) {
            if (Edges.read(out).size() > 20 && Checkpoints.newest(folder).isPresent()) {
                throw new IllegalStateException("crash");
            }
        }
    }
}
