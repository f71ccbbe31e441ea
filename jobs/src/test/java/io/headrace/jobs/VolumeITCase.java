package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.ConfluentAvroWriter;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.testing.MutatedAvro;
import io.headrace.connectors.testing.RandomAvro;
import io.headrace.jobs.pipeline.PipelineFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class VolumeITCase {

    private static final int RECORDS = 100_000;
    private static final int KEYS = 1_000;
    private static final int PARTITIONS = 12;
    private static final long SEED = 20_261_121;
    private static final Schema MESSAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","namespace":"test","fields":[
                             {"name":"number","type":"int"},{"name":"body","type":"string"}]}""");

    @Test
    void enrichesAHundredThousandRecordsOfTwelvePartitionsOnceAndInTheOrderOfTheirKeys()
            throws Exception {
        String in = Edges.newTopic("volume-in", PARTITIONS);
        String out = Edges.newTopic("volume-out", PARTITIONS);
        String dead = Edges.newTopic("volume-dead", 1);
        Edges.send(numbered(in));

        Edges.run(pipeline(in, out, dead, "{{ body }}"));

        assertThat(Edges.read(dead)).isEmpty();
        Map<String, Integer> lastOfKey = new HashMap<>();
        List<ConsumerRecord<byte[], byte[]>> records = Edges.read(out);
        List<GenericRecord> values = Edges.decode(records);
        for (int i = 0; i < records.size(); i++) {
            String key = new String(records.get(i).key(), UTF_8);
            int number = (Integer) values.get(i).get("number");
            // One more than the last: none missing, none twice, none overtaken.
            assertThat(number).isEqualTo(lastOfKey.getOrDefault(key, -1) + 1);
            lastOfKey.put(key, number);
        }
        assertThat(lastOfKey).hasSize(KEYS);
        assertThat(lastOfKey.values()).containsOnly(RECORDS / KEYS - 1);
    }

    @Test
    void everyRandomOrMutatedMessageIsEnrichedOrADeadLetterAndNoneFailsTheJob() throws Exception {
        String in = Edges.newTopic("fuzz-in", PARTITIONS);
        String out = Edges.newTopic("fuzz-out", 1);
        String dead = Edges.newTopic("fuzz-dead", 1);
        allowAnySchema(true);
        try {
            Edges.send(mutated(in));
            Edges.run(pipeline(in, out, dead, "{{ f0 }}"));
        } finally {
            allowAnySchema(false);
        }

        List<ConsumerRecord<byte[], byte[]>> enriched = Edges.read(out);
        List<ConsumerRecord<byte[], byte[]>> letters = Edges.read(dead);
        BitSet seen = new BitSet(RECORDS);
        for (List<ConsumerRecord<byte[], byte[]>> topic : List.of(enriched, letters)) {
            for (ConsumerRecord<byte[], byte[]> record : topic) {
                int number = Integer.parseInt(Edges.header(record, "number"));
                assertThat(seen.get(number)).as("%s twice", number).isFalse();
                seen.set(number);
            }
        }
        assertThat(seen.cardinality()).isEqualTo(RECORDS);
        assertThat(enriched).hasSizeGreaterThan(RECORDS / 10);
        assertThat(letters).hasSizeGreaterThan(RECORDS / 4);
    }

    private static PipelineFile pipeline(String in, String out, String dead, String text) {
        return Edges.pipeline(
                Edges.head(in)
                        + """
                        source: { topic: %s, text: "%s" }
                        sink: { topic: %s, deadLetterTopic: %s }
                        job: { checkpointInterval: 1 s }
                        tasks:
                          - { name: intent, classify: { labels: [lost_card, refund] } }
                        """
                                .formatted(in, text, out, dead));
    }

    private static List<ProducerRecord<byte[], byte[]>> numbered(String topic) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(RECORDS);
        try (SchemaRegistry registry = Edges.registry()) {
            ConfluentAvroWriter writer = new ConfluentAvroWriter(registry, topic + "-value");
            for (int i = 0; i < RECORDS; i++) {
                Map<String, Object> fields = Map.of("number", i / KEYS, "body", "text " + i);
                records.add(
                        Edges.keyed(
                                topic,
                                "key " + i % KEYS,
                                writer.write(Edges.record(MESSAGE, fields))));
            }
        }
        return records;
    }

    private static List<ProducerRecord<byte[], byte[]>> mutated(String topic) {
        Random random = new Random(SEED);
        MutatedAvro messages = new MutatedAvro(random, valid(random));
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(RECORDS);
        for (int i = 0; i < RECORDS; i++) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, messages.next());
            record.headers().add("number", Integer.toString(i).getBytes(UTF_8));
            records.add(record);
        }
        return records;
    }

    private static List<byte[]> valid(Random random) {
        RandomAvro avro = new RandomAvro(random);
        List<byte[]> valid = new ArrayList<>();
        try (SchemaRegistry registry = Edges.registry()) {
            for (int i = 0; i < 20; i++) {
                Schema schema = avro.recordSchema();
                ConfluentAvroWriter writer = new ConfluentAvroWriter(registry, "fuzz-" + i);
                for (int j = 0; j < 10; j++) {
                    valid.add(writer.write(avro.record(schema)));
                }
            }
        }
        return valid;
    }

    /** The output of twenty unlike schemas under one subject needs a registry without a rule. */
    private static void allowAnySchema(boolean any) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(Edges.servers().registry().url() + "/config"))
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .PUT(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"compatibility\":\""
                                                + (any ? "NONE" : "BACKWARD")
                                                + "\"}"))
                        .build();
        assertThat(
                        HttpClient.newHttpClient()
                                .send(request, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                .isEqualTo(200);
    }
}
