package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.KafkaCheckException;
import io.headrace.connectors.RegistryUnavailableException;
import io.headrace.inference.ModelLoadException;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole job on a real broker, a real registry and real llama.cpp with a random model. */
class EnrichmentJobITCase {

    private static final int GOOD = 60;
    private static final int CUSTOMERS = 7;

    /** A time of today, since Kafka deletes what is older than its retention. */
    private static final long FIRST_TIMESTAMP = System.currentTimeMillis() - 100_000;

    @TempDir static Path folder;
    private static Fixture fixture;

    @BeforeAll
    static void startServers() {
        fixture = new Fixture(folder);
        fixture.servers().kafka().topics().create("messages", 3);
    }

    @AfterAll
    static void stopServers() {
        fixture.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ProducerRecord<byte[], byte[]> record(int number, byte[] value) {
        String customer = "customer-" + number % CUSTOMERS;
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(
                        "messages",
                        number % CUSTOMERS % 3,
                        FIRST_TIMESTAMP + number,
                        bytes(customer),
                        value);
        record.headers().add("number", bytes(Integer.toString(number)));
        return record;
    }

    private static int numberOf(Fixture.Read read) {
        return Integer.parseInt(
                new String(
                        read.record().headers().lastHeader("number").value(),
                        StandardCharsets.UTF_8));
    }

    private static byte[] message(int number, String body) {
        return fixture.encode("messages", Fixture.message("customer-" + number % CUSTOMERS, body));
    }

    @Test
    void enrichesEveryRecordOnceAndPutsTheRestIntoTheDeadLetterTopic() throws Exception {
        Map<Integer, String> poison =
                Map.of(
                        GOOD,
                        "DECODE RecordFormat",
                        GOOD + 1,
                        "DECODE RecordFormat",
                        GOOD + 2,
                        "DECODE Tombstone",
                        GOOD + 3,
                        "RENDER EmptyText",
                        GOOD + 4,
                        "INFER Rejected");
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < GOOD; i++) {
            records.add(record(i, message(i, "I lost my card number " + i + " in Zürich 🙂")));
        }
        records.add(20, record(GOOD, bytes("not avro at all")));
        records.add(21, record(GOOD + 1, new byte[] {0, 0, 0, 0}));
        records.add(22, record(GOOD + 2, null));
        records.add(23, record(GOOD + 3, message(GOOD + 3, "  \n ")));
        records.add(24, record(GOOD + 4, message(GOOD + 4, "much too long ".repeat(500))));
        fixture.produce(records);

        PipelineFile file = fixture.pipeline(fixture.pipelineText());
        Preflight.of(file).check();
        try (LocalFlink flink = LocalFlink.start(2)) {
            new EnrichmentJob(file).addTo(flink.environment(), new EndPosition.LatestAtStart());
            flink.environment().execute("test");
        }

        List<Fixture.Read> enriched = fixture.read("enriched", GOOD);
        // Created like the source, which has three partitions.
        assertThat(enriched.stream().map(read -> read.record().partition()).distinct()).hasSize(3);
        assertThat(enriched.stream().map(EnrichmentJobITCase::numberOf))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, GOOD).boxed().toList());
        Map<String, Integer> lastOfKey = new HashMap<>();
        for (Fixture.Read read : enriched) {
            int number = numberOf(read);
            assertThat(read.key()).isEqualTo("customer-" + number % CUSTOMERS);
            assertThat(read.record().timestamp()).isEqualTo(FIRST_TIMESTAMP + number);
            assertThat(read.value().get("body")).asString().contains("number " + number + " ");
            assertThat(read.value().get("intent")).isInstanceOf(GenericRecord.class);
            assertThat(read.value().get("facts")).isInstanceOf(GenericRecord.class);
            assertThat(read.value().get("summary")).isNotNull();
            GenericRecord provenance = (GenericRecord) read.value().get("provenance");
            assertThat(provenance.get("pipelineVersion")).hasToString(file.tasks().version());
            assertThat(lastOfKey.getOrDefault(read.key(), -1)).isLessThan(number);
            lastOfKey.put(read.key(), number);
        }

        List<Fixture.Read> dead = fixture.read("dead-letters", poison.size());
        Map<Integer, String> reasons = new HashMap<>();
        for (Fixture.Read read : dead) {
            GenericRecord letter = read.value();
            reasons.put(numberOf(read), letter.get("stage") + " " + letter.get("errorClass"));
            assertThat(letter.get("topic")).hasToString("messages");
            assertThat(read.record().headers().lastHeader("headrace.message")).isNotNull();
        }
        assertThat(dead).hasSize(poison.size());
        assertThat(reasons).isEqualTo(poison);
        ByteBuffer kept =
                (ByteBuffer)
                        dead.stream()
                                .filter(read -> numberOf(read) == GOOD)
                                .findFirst()
                                .orElseThrow()
                                .value()
                                .get("value");
        assertThat(StandardCharsets.UTF_8.decode(kept.duplicate()).toString())
                .isEqualTo("not avro at all");
    }

    private static void check(String yaml) throws Exception {
        Preflight.of(fixture.pipeline(yaml)).check();
    }

    @Test
    void saysThatTheTopicIsUnknownAndWhichOneIsNear() {
        assertThatThrownBy(
                        () ->
                                check(
                                        fixture.pipelineText()
                                                .replace("topic: messages", "topic: mesages")))
                .isInstanceOf(KafkaCheckException.class)
                .hasMessageContaining("mesages")
                .hasMessageContaining("messages");
    }

    @Test
    void saysThatTheRegistryIsDown() {
        assertThatThrownBy(
                        () ->
                                check(
                                        fixture.pipelineText()
                                                .replace(
                                                        fixture.servers().registry().url(),
                                                        "http://127.0.0.1:1")))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("127.0.0.1:1");
    }

    @Test
    void saysThatTheModelIsMissingOrTruncated() throws Exception {
        String missing = folder.resolve("nowhere.gguf").toString();
        String model = fixture.model().toString();
        assertThatThrownBy(() -> check(fixture.pipelineText().replace(model, missing)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("nowhere.gguf");

        Path truncated = folder.resolve("truncated.gguf");
        byte[] whole = Files.readAllBytes(fixture.model());
        Files.write(truncated, Arrays.copyOf(whole, whole.length * 2 / 3));
        assertThatThrownBy(() -> check(fixture.pipelineText().replace(model, truncated.toString())))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("truncated.gguf");
    }

    @Test
    void saysWhichFieldTheTemplateNamesInVain() throws Exception {
        fixture.encode("messages", Fixture.message("c", "registers the schema"));
        assertThatThrownBy(() -> check(fixture.pipelineText().replace("{{ body }}", "{{ bdy }}")))
                .isInstanceOf(PipelineFileException.class)
                .hasMessageContaining("'bdy'")
                .hasMessageContaining("customer_id, body");
    }
}
