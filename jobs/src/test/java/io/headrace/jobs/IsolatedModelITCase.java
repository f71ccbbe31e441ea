package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headrace.connectors.EndPosition;
import io.headrace.inference.testing.Adapters;
import io.headrace.inference.testing.EngineProcesses;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import io.headrace.jobs.pipeline.PipelineFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pipeline whose model, with adapters, runs in a process of its own that is killed under load.
 */
class IsolatedModelITCase {

    private static final int RECORDS = 200;
    private static final List<String> TASKS = List.of("plain", "terse", "formal");
    private static final Schema MESSAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","namespace":"test","fields":[
                             {"name":"number","type":"int"},{"name":"body","type":"string"}]}""");

    @TempDir private Path folder;

    @Test
    @EnabledOnOs(OS.LINUX)
    void theJobGoesOnWhenTheProcessIsKilledAndGivesWhatItGivesWithoutOne() throws Exception {
        TinyModels.llama(folder.resolve("tiny.gguf"), 7);
        Adapters.lora(folder.resolve("terse.gguf"), 1, ModelShape.TINY);
        Adapters.lora(folder.resolve("formal.gguf"), 2, ModelShape.TINY);
        String in = Edges.newTopic("isolated-in", 2);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            Map<String, Object> fields =
                    Map.of("number", i, "body", "where is my order number " + i * 7919);
            byte[] value = Edges.avro(in + "-value", Edges.record(MESSAGE, fields));
            records.add(Edges.keyed(in, "key-" + i % 9, value));
        }
        Edges.send(records);

        int kills = 3;
        Map<Integer, GenericRecord> apart = run(in, true, kills);
        Map<Integer, GenericRecord> here = run(in, false, 0);

        assertThat(apart.keySet()).isEqualTo(here.keySet()).hasSize(RECORDS);
        for (int number : apart.keySet()) {
            for (String task : TASKS) {
                // The batches differ, and with them the last bits of the logits.
                assertThat(probability(apart.get(number), task))
                        .isCloseTo(probability(here.get(number), task), within(0.05));
            }
        }
        GenericRecord first = here.get(0);
        assertThat(TASKS.stream().map(task -> probability(first, task)).distinct()).hasSize(3);
    }

    private static double probability(GenericRecord record, String task) {
        return ((Number) ((GenericRecord) record.get(task)).get("probability")).doubleValue();
    }

    /** Returns the enriched records by number; each must be there once, and no dead letter. */
    private Map<Integer, GenericRecord> run(String in, boolean isolated, int kills)
            throws Exception {
        String out = Edges.newTopic("isolated-out", 1);
        String dead = Edges.newTopic("isolated-dead", 1);
        Configuration once = new Configuration();
        once.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        try (LocalFlink flink = LocalFlink.start(1, once)) {
            new EnrichmentJob(pipeline(in, out, dead, isolated))
                    .addTo(flink.environment(), new EndPosition.LatestAtStart());
            JobClient job = flink.environment().executeAsync("isolated");
            for (int kill = 1; kill <= kills; kill++) {
                Edges.awaitRecords(out, kill * RECORDS / (kills + 2));
                assertThat(job.getJobStatus().get().isTerminalState()).isFalse();
                engineProcess().destroyForcibly();
            }
            job.getJobExecutionResult().get();
        }
        assertThat(Edges.read(dead)).isEmpty();
        Map<Integer, GenericRecord> enriched = new TreeMap<>();
        for (GenericRecord record : Edges.readAvro(out)) {
            assertThat(enriched.put((Integer) record.get("number"), record)).isNull();
        }
        return enriched;
    }

    private static ProcessHandle engineProcess() throws InterruptedException {
        List<ProcessHandle> processes = EngineProcesses.running();
        while (processes.isEmpty()) {
            Thread.sleep(50);
            processes = EngineProcesses.running();
        }
        return processes.get(0);
    }

    private PipelineFile pipeline(String in, String out, String dead, boolean isolated) {
        String yaml =
                """
                name: isolated-%s
                model:
                  path: tiny.gguf
                  contextTokens: 512
                  threads: 1
                  isolated: %s
                  adapters: { terse: terse.gguf, formal: formal.gguf }
                kafka: { bootstrapServers: "%s" }
                schemaRegistry: { url: "%s" }
                source: { topic: %s, text: "{{ body }}" }
                sink: { topic: %s, deadLetterTopic: %s }
                job: { checkpointInterval: 200 ms, maxInFlight: 32 }
                tasks:
                  - { name: plain, classify: { labels: [lost_card, refund, card_arrival] } }
                  - name: terse
                    adapter: terse
                    classify: { labels: [lost_card, refund, card_arrival] }
                  - name: formal
                    adapter: formal
                    classify: { labels: [lost_card, refund, card_arrival] }
                """
                        .formatted(
                                isolated,
                                isolated,
                                Edges.kafka(),
                                Edges.servers().registry().url(),
                                in,
                                out,
                                dead);
        return PipelineFile.parse(folder.resolve("pipeline.yaml"), yaml);
    }
}
