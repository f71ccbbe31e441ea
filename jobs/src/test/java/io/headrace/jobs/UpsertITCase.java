package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.jobs.pipeline.PipelineFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** A topic that is a table: its records replace those of their key, its tombstones delete. */
class UpsertITCase {

    private static final int KEYS = 40;
    private static final Schema MESSAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","namespace":"test","fields":[
                             {"name":"revision","type":"int"},{"name":"body","type":"string"}]}""");

    @Test
    void theOutputEndsAsTheEnrichedTableAndUnchangedTextsComeFromTheCache() throws Exception {
        String in = Edges.newTopic("upsert-in", 3);
        String out = Edges.newTopic("upsert-out", 3);
        String dead = Edges.newTopic("upsert-dead", 1);
        List<ProducerRecord<byte[], byte[]>> changes = new ArrayList<>();
        Map<String, Integer> table = new HashMap<>();
        for (int revision = 0; revision < 5; revision++) {
            for (int i = 0; i < KEYS; i++) {
                String key = "key-" + i;
                if (revision == i % 4 + 1) {
                    changes.add(Edges.keyed(in, key, null));
                    table.remove(key);
                } else {
                    changes.add(Edges.keyed(in, key, message(in, revision)));
                    table.put(key, revision);
                }
            }
        }
        changes.add(new ProducerRecord<>(in, null, null));
        Edges.send(changes);

        Edges.run(pipeline(in, out, dead));

        Map<String, Integer> enriched = new HashMap<>();
        long hits = 0;
        List<ConsumerRecord<byte[], byte[]>> records = Edges.read(out);
        assertThat(records).hasSize(changes.size() - 1);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            String key = new String(record.key(), UTF_8);
            if (record.value() == null) {
                assertThat(enriched.remove(key)).isNotNull();
                continue;
            }
            GenericRecord value = Edges.decode(List.of(record)).get(0);
            assertThat(value.get("intent")).isNotNull();
            enriched.put(key, (Integer) value.get("revision"));
            hits += (Boolean) ((GenericRecord) value.get("provenance")).get("cacheHit") ? 1 : 0;
        }
        assertThat(enriched).isEqualTo(table);
        // Five revisions of each key, one of them a deletion, all of the same text.
        assertThat(hits).isEqualTo(3 * KEYS);
        List<GenericRecord> letters = Edges.readAvro(dead);
        assertThat(letters).hasSize(1);
        assertThat(letters.get(0).get("errorClass")).hasToString("Tombstone");
    }

    private static byte[] message(String topic, int revision) {
        Map<String, Object> fields = Map.of("revision", revision, "body", "my card is lost");
        return Edges.avro(topic + "-value", Edges.record(MESSAGE, fields));
    }

    private static PipelineFile pipeline(String in, String out, String dead) {
        return Edges.pipeline(
                Edges.head("upsert")
                        + """
                        source: { topic: %s, text: "{{ body }}", upsert: true }
                        sink: { topic: %s, deadLetterTopic: %s }
                        """
                                .formatted(in, out, dead)
                        + Edges.TASKS);
    }
}
