package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.connectors.ConfluentAvroReader;
import io.headrace.connectors.ConfluentAvroWriter;
import io.headrace.connectors.EndPosition;
import io.headrace.connectors.RecordFormatException;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.testing.InstantEngine;
import io.headrace.local.LocalServers;
import io.headrace.local.LocalTopics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Jobs with an engine that answers at once between topics of a real broker with a real registry,
 * which the integration tests of this JVM share.
 */
final class Edges {

    static final String TASKS =
            """
            job: { checkpointInterval: 300 ms, maxInFlight: 8 }
            tasks:
              - { name: intent, classify: { labels: [lost_card, refund, card_arrival] } }
              - { name: summary, summarize: { maxTokens: 8 } }
            """;

    private static final AtomicInteger NAMES = new AtomicInteger();

    private Edges() {}

    private static final class Holder {
        static final LocalServers SERVERS = LocalServers.start();
    }

    static LocalServers servers() {
        return Holder.SERVERS;
    }

    static String kafka() {
        return servers().kafka().bootstrapServers();
    }

    /** Creates a topic that no other test uses. */
    static String newTopic(String prefix, int partitions) {
        return newTopic(prefix, partitions, Map.of());
    }

    /** The same with settings of its own. */
    static String newTopic(String prefix, int partitions, Map<String, String> settings) {
        String name = prefix + "-" + NAMES.incrementAndGet();
        try (LocalTopics topics = servers().kafka().topics()) {
            topics.create(name, partitions, settings);
        }
        return name;
    }

    /** The head of a pipeline file of that name. */
    static String head(String name) {
        return """
        name: %s
        model: { path: none.gguf }
        kafka: { bootstrapServers: "%s" }
        schemaRegistry: { url: "%s" }
        """
                .formatted(name, kafka(), servers().registry().url());
    }

    static PipelineFile pipeline(String yaml) {
        return PipelineFile.parse(Path.of("pipeline.yaml"), yaml);
    }

    /** Runs a pipeline over what its topics hold; a failure of the job is not tried again. */
    static void run(PipelineFile file) throws Exception {
        Configuration once = new Configuration();
        once.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        try (LocalFlink flink = LocalFlink.start(2, once)) {
            new EnrichmentJob(file, new InstantEngine.Provider())
                    .addTo(flink.environment(), new EndPosition.LatestAtStart());
            flink.environment().execute(file.pipeline().name());
        }
    }

    static SchemaRegistry registry() {
        return SchemaRegistry.connect(SchemaRegistryConfig.of(servers().registry().url()));
    }

    /** Frames and encodes a record as any Avro producer would. */
    static byte[] avro(String subject, GenericRecord record) {
        try (SchemaRegistry registry = registry()) {
            return new ConfluentAvroWriter(registry, subject).write(record);
        }
    }

    static GenericRecord record(Schema schema, Map<String, Object> fields) {
        GenericRecordBuilder builder = new GenericRecordBuilder(schema);
        fields.forEach(builder::set);
        return builder.build();
    }

    static void send(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
        send(records, Map.of());
    }

    /** The same by a producer with these settings. */
    static void send(List<ProducerRecord<byte[], byte[]>> records, Map<String, Object> settings)
            throws Exception {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", kafka());
        all.put("linger.ms", 5);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = records.stream().map(producer::send).toList();
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    static ProducerRecord<byte[], byte[]> keyed(String topic, String key, byte[] value) {
        return new ProducerRecord<>(topic, key.getBytes(UTF_8), value);
    }

    /** What an ordinary consumer of committed records sees up to the present end. */
    static List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        return read(kafka(), topic);
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(String bootstrap, String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(it -> consumer.position(it) < ends.get(it))) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    /** Reads a topic again and again until it holds so many committed records. */
    static List<ConsumerRecord<byte[], byte[]>> awaitRecords(String topic, int count)
            throws InterruptedException {
        return awaitRecords(kafka(), topic, count);
    }

    static List<ConsumerRecord<byte[], byte[]>> awaitRecords(
            String bootstrap, String topic, int count) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        List<ConsumerRecord<byte[], byte[]>> records = read(bootstrap, topic);
        while (records.size() < count && System.nanoTime() < deadline) {
            Thread.sleep(200);
            records = read(bootstrap, topic);
        }
        return records;
    }

    /** Reads and decodes a topic of Avro records. */
    static List<GenericRecord> readAvro(String topic) {
        return decode(read(topic));
    }

    static List<GenericRecord> decode(List<ConsumerRecord<byte[], byte[]>> records) {
        try (SchemaRegistry registry = registry()) {
            ConfluentAvroReader reader = new ConfluentAvroReader(registry, Optional.empty());
            List<GenericRecord> decoded = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                decoded.add(reader.read(record.value()));
            }
            return decoded;
        } catch (RecordFormatException e) {
            throw new AssertionError(e);
        }
    }

    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), UTF_8);
    }
}
