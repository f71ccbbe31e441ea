package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.Replay;
import io.headrace.connectors.ReplayFilter;
import io.headrace.jobs.pipeline.PipelineFile;
import java.util.List;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayITCase {

    @ParameterizedTest
    @ValueSource(strings = {"avro", "json"})
    void sendsLettersBackOnceUntilTheyHaveFailedTooOften(String format) throws Exception {
        String in = Edges.newTopic("replay-in", 2);
        String out = Edges.newTopic("replay-out", 1);
        String dead = Edges.newTopic("replay-dead", 2);
        PipelineFile file = pipeline(format, in, out, dead);
        DeadLetters letters = new DeadLetters(file);
        ProducerRecord<byte[], byte[]> refused =
                new ProducerRecord<>(
                        in, 1, 1_000L, "key".getBytes(UTF_8), "refuse".getBytes(UTF_8));
        refused.headers().add("trace", "t1".getBytes(UTF_8));
        ProducerRecord<byte[], byte[]> empty =
                new ProducerRecord<>(in, 0, 2_000L, null, " ".getBytes(UTF_8));
        Edges.send(List.of(refused, empty));
        Edges.run(file);
        assertThat(Edges.read(dead)).hasSize(2);

        assertThat(letters.replay(filter(Set.of("infer"), 3), true))
                .isEqualTo(new Replay.Report(2, 0, 1, 0, 0, 1, 0));
        assertThat(Edges.read(in)).hasSize(2);
        assertThat(letters.replay(filter(Set.of("infer"), 3), false))
                .isEqualTo(new Replay.Report(2, 0, 1, 0, 0, 1, 0));
        assertThat(letters.replay(filter(Set.of("infer"), 3), false))
                .isEqualTo(new Replay.Report(2, 1, 0, 0, 0, 0, 0));

        List<ConsumerRecord<byte[], byte[]>> sent =
                Edges.read(in).stream()
                        .filter(it -> Edges.header(it, "headrace.replays") != null)
                        .toList();
        assertThat(sent).hasSize(1);
        ConsumerRecord<byte[], byte[]> again = sent.get(0);
        assertThat(again.partition()).isEqualTo(1);
        assertThat(again.timestamp()).isEqualTo(1_000);
        assertThat(new String(again.key(), UTF_8)).isEqualTo("key");
        assertThat(new String(again.value(), UTF_8)).isEqualTo("refuse");
        assertThat(Edges.header(again, "trace")).isEqualTo("t1");
        assertThat(Edges.header(again, "headrace.replays")).isEqualTo("1");
        assertThat(Edges.header(again, "headrace.stage")).isNull();

        // Read from the beginning, both fail again: now one letter says that it is the second time.
        Edges.run(file);
        assertThat(letters.replay(filter(Set.of("infer"), 2), true))
                .isEqualTo(new Replay.Report(5, 1, 2, 1, 0, 1, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = "avro")
    void countsWhatIsNoLetterAndLeavesWhatOtherPipelinesWrote(String format) throws Exception {
        String in = Edges.newTopic("replay-in", 1);
        String out = Edges.newTopic("replay-out", 1);
        String dead = Edges.newTopic("replay-dead", 1);
        PipelineFile file = pipeline(format, in, out, dead);
        Edges.send(List.of(Edges.keyed(in, "k", "refuse".getBytes(UTF_8))));
        Edges.run(file);
        Edges.send(List.of(Edges.keyed(dead, "k", "no letter".getBytes(UTF_8))));

        assertThat(new DeadLetters(file).replay(filter(Set.of(), 3), true))
                .isEqualTo(new Replay.Report(1, 0, 1, 0, 0, 1, 1));
        PipelineFile other = pipeline(format, out, in, dead);
        assertThat(new DeadLetters(other).replay(filter(Set.of(), 3), true))
                .isEqualTo(new Replay.Report(0, 0, 0, 0, 0, 0, 1));
        assertThat(
                        new DeadLetters(file)
                                .replay(
                                        new ReplayFilter(
                                                Set.of(), Set.of("timeout"), 0, Long.MAX_VALUE, 3),
                                        true)
                                .selected())
                .isZero();
        assertThat(
                        new DeadLetters(file)
                                .replay(new ReplayFilter(Set.of(), Set.of(), 0, 1_000, 3), true)
                                .selected())
                .isZero();
        List<GenericRecord> letters = Edges.decode(Edges.read(dead).subList(0, 1));
        assertThat(letters.get(0).get("errorClass")).hasToString("Rejected");
    }

    private static ReplayFilter filter(Set<String> stages, int maxFailures) {
        return new ReplayFilter(stages, Set.of(), 0, Long.MAX_VALUE, maxFailures);
    }

    private static PipelineFile pipeline(String format, String in, String out, String dead) {
        return Edges.pipeline(
                Edges.head(in)
                        + """
                        source: { topic: %s, format: text, text: "{{ value }}" }
                        sink: { topic: %s, deadLetterTopic: %s, format: %s }
                        """
                                .formatted(in, out, dead, format)
                        + Edges.TASKS);
    }
}
