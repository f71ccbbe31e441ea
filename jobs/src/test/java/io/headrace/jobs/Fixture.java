package io.headrace.jobs;

import io.headrace.connectors.ConfluentAvroReader;
import io.headrace.connectors.ConfluentAvroWriter;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.inference.testing.TinyModels;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.local.LocalServers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real broker, a real registry, a random model, and an ordinary producer and consumer. */
final class Fixture implements AutoCloseable {

    static final Schema MESSAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","namespace":"test","fields":[
                             {"name":"customer_id","type":"string"},
                             {"name":"body","type":"string"}]}""");

    private static final String PIPELINE =
            """
            name: test
            model: { path: "%s", contextTokens: 512 }
            kafka: { bootstrapServers: "%s" }
            schemaRegistry: { url: "%s" }
            source: { topic: messages, key: customer_id, text: "{{ body }}" }
            sink: { topic: enriched, deadLetterTopic: dead-letters, createTopics: true }
            job: { checkpointInterval: 1 s }
            tasks:
              - { name: intent, classify: { labels: [lost_card, refund, card_arrival] } }
              - name: facts
                extract:
                  maxTokens: 60
                  schema:
                    type: record
                    name: Facts
                    fields:
                      - { name: urgent, type: boolean }
                      - { name: people, type: [ "null", int ], default: null }
              - { name: summary, summarize: { maxTokens: 8 } }
            """;

    /** A record that an ordinary consumer read, with its decoded value. */
    record Read(ConsumerRecord<byte[], byte[]> record, GenericRecord value) {
        String key() {
            return new String(record.key(), StandardCharsets.UTF_8);
        }
    }

    private final LocalServers servers = LocalServers.start();
    private final Path folder;
    private final Path model;

    Fixture(Path folder) {
        this.folder = folder;
        this.model = TinyModels.llama(folder.resolve("tiny.gguf"), 7);
    }

    LocalServers servers() {
        return servers;
    }

    Path model() {
        return model;
    }

    String pipelineText() {
        return PIPELINE.formatted(
                model, servers.kafka().bootstrapServers(), servers.registry().url());
    }

    PipelineFile pipeline(String yaml) throws Exception {
        return PipelineFile.read(Files.writeString(folder.resolve("pipeline.yaml"), yaml));
    }

    static GenericRecord message(String customer, String body) {
        GenericData.Record message = new GenericData.Record(MESSAGE);
        message.put("customer_id", customer);
        message.put("body", body);
        return message;
    }

    private SchemaRegistryConfig registry() {
        return SchemaRegistryConfig.of(servers.registry().url());
    }

    /** Frames and encodes a value as any Avro producer would. */
    byte[] encode(String topic, GenericRecord value) {
        try (SchemaRegistry client = SchemaRegistry.connect(registry())) {
            return new ConfluentAvroWriter(client, topic + "-value").write(value);
        }
    }

    void produce(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                servers.kafka().bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (ProducerRecord<byte[], byte[]> record : records) {
                producer.send(record).get();
            }
        }
    }

    /** Reads a topic to its end, committed records only. */
    List<Read> read(String topic, int atLeast) throws Exception {
        List<Read> read = new ArrayList<>();
        try (SchemaRegistry client = SchemaRegistry.connect(registry());
                KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(
                                Map.of(
                                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                        servers.kafka().bootstrapServers(),
                                        ConsumerConfig.GROUP_ID_CONFIG,
                                        "reader-" + topic,
                                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                                        "read_committed",
                                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                                        "earliest"),
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer())) {
            ConfluentAvroReader reader = new ConfluentAvroReader(client, Optional.empty());
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            boolean quiet = false;
            // One more poll after the last record shows that there is none too many.
            while ((read.size() < atLeast || !quiet) && System.nanoTime() < deadline) {
                int before = read.size();
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    read.add(new Read(record, reader.read(record.value())));
                }
                quiet = read.size() == before;
            }
        }
        return read;
    }

    @Override
    public void close() {
        servers.close();
    }
}
