package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.EndPosition;
import io.headrace.inference.testing.Adapters;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import io.headrace.jobs.pipeline.PipelineFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A running job with an exactly-once sink and llama.cpp that is told through its control topic to
 * take another model, prompt and adapter, and twice something that it cannot take.
 */
@Timeout(240)
class ControlTopicITCase {

    private static final int KEYS = 8;
    private static final Schema MESSAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","namespace":"test","fields":[
                             {"name":"number","type":"int"},{"name":"body","type":"string"}]}""");

    @TempDir private Path folder;

    private String in;
    private String out;
    private String dead;
    private String control;
    private int sent;

    @Test
    void switchesModelPromptAndAdapterUnderLoadAndKeepsTheVersionOverASavepoint() throws Exception {
        TinyModels.llama(folder.resolve("one.gguf"), 1);
        TinyModels.llama(folder.resolve("two.gguf"), 2);
        Adapters.lora(folder.resolve("first.gguf"), 3, ModelShape.TINY);
        Adapters.lora(folder.resolve("second.gguf"), 4, ModelShape.TINY);
        in = Edges.newTopic("control-in", 4);
        out = Edges.newTopic("control-out", 4);
        dead = Edges.newTopic("control-dead", 1);
        control = Edges.newTopic("control", 1);
        List<String> versions = new ArrayList<>();
        String savepoint;
        try (LocalFlink flink = LocalFlink.start(2, once(null))) {
            JobClient job = start(flink);
            AtomicBoolean loading = new AtomicBoolean(true);
            CompletableFuture<Void> load = load(loading);
            versions.add(nextVersion(versions));
            ControlTopic.of(pipeline()).send("{\"model\": {\"path\": \"two.gguf\"}}");
            versions.add(nextVersion(versions));
            tell("{\"model\": {\"path\": \"missing.gguf\"}}");
            tell("kafka: { bootstrapServers: elsewhere }");
            tell(
                    """
                    tasks:
                      - { name: plain, instruction: "Say what it is about.",
                          classify: { labels: [lost_card, refund] } }
                      - { name: bent, adapter: bent,
                          classify: { labels: [lost_card, refund, card_arrival] } }
                    """);
            versions.add(nextVersion(versions));
            tell("{ model: { adapters: { bent: second.gguf } } }");
            versions.add(nextVersion(versions));
            loading.set(false);
            load.get();
            savepoint =
                    job.stopWithSavepoint(
                                    false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                            .get();
        }
        try (LocalFlink flink = LocalFlink.start(2, once(savepoint))) {
            JobClient job = start(flink);
            send();
            while (read().size() < sent) {
                Thread.sleep(200);
            }
            job.cancel().get();
        }
        List<ConsumerRecord<byte[], byte[]>> records = read();
        assertEachOnceAndInOrder(records, versions, sent);
        assertThat(version(last(records))).isEqualTo(versions.get(3));
        assertThat(Edges.readAvro(dead)).isEmpty();
    }

    /** Each number once; the versions of a key, which one subtask has, never go back. */
    private static void assertEachOnceAndInOrder(
            List<ConsumerRecord<byte[], byte[]>> records, List<String> versions, int count) {
        Set<Integer> numbers = new HashSet<>();
        Map<String, Integer> lastOfKey = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            GenericRecord value = Edges.decode(List.of(record)).get(0);
            assertThat(numbers.add((Integer) value.get("number"))).isTrue();
            int version = versions.indexOf(version(value));
            assertThat(version).isNotNegative();
            String key = new String(record.key(), UTF_8);
            assertThat(version).isGreaterThanOrEqualTo(lastOfKey.getOrDefault(key, 0));
            lastOfKey.put(key, version);
        }
        assertThat(numbers).hasSize(count);
    }

    private static GenericRecord last(List<ConsumerRecord<byte[], byte[]>> records) {
        return Edges.decode(records).stream()
                .reduce((a, b) -> (Integer) a.get("number") > (Integer) b.get("number") ? a : b)
                .orElseThrow();
    }

    /** What provenance says of a version: the tasks as they are asked, and what answered. */
    private static String version(GenericRecord value) {
        GenericRecord provenance = (GenericRecord) value.get("provenance");
        return provenance.get("pipelineVersion") + "@" + provenance.get("modelDigest");
    }

    /** Waits for a version that is not among those so far. */
    private String nextVersion(List<String> soFar) throws InterruptedException {
        while (true) {
            for (GenericRecord value : Edges.decode(read())) {
                if (!soFar.contains(version(value))) {
                    return version(value);
                }
            }
            Thread.sleep(200);
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> read() {
        return Edges.read(out);
    }

    private void tell(String message) throws Exception {
        Edges.send(List.of(Edges.keyed(control, "version", message.getBytes(UTF_8))));
    }

    /** Sends a record every few milliseconds. */
    private CompletableFuture<Void> load(AtomicBoolean loading) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        while (loading.get()) {
                            send();
                            Thread.sleep(20);
                        }
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private void send() throws Exception {
        Map<String, Object> fields = Map.of("number", sent, "body", "my card is lost " + sent);
        byte[] value = Edges.avro(in + "-value", Edges.record(MESSAGE, fields));
        Edges.send(List.of(Edges.keyed(in, "key-" + sent % KEYS, value)));
        sent++;
    }

    private JobClient start(LocalFlink flink) throws Exception {
        PipelineFile file = pipeline();
        new EnrichmentJob(file).addTo(flink.environment(), new EndPosition.Unbounded());
        return flink.environment().executeAsync(file.pipeline().name());
    }

    private static Configuration once(String savepoint) {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        return configuration;
    }

    private PipelineFile pipeline() {
        String yaml =
                """
                name: control
                model:
                  path: one.gguf
                  contextTokens: 512
                  threads: 1
                  adapters: { bent: first.gguf }
                kafka: { bootstrapServers: "%s" }
                schemaRegistry: { url: "%s" }
                source: { topic: %s, text: "{{ body }}" }
                sink: { topic: %s, deadLetterTopic: %s }
                control: { topic: %s }
                job: { checkpointInterval: 200 ms, maxInFlight: 32 }
                tasks:
                  - { name: plain, classify: { labels: [lost_card, refund, card_arrival] } }
                  - name: bent
                    adapter: bent
                    classify: { labels: [lost_card, refund, card_arrival] }
                """
                        .formatted(
                                Edges.kafka(),
                                Edges.servers().registry().url(),
                                in,
                                out,
                                dead,
                                control);
        return PipelineFile.parse(folder.resolve("pipeline.yaml"), yaml);
    }
}
