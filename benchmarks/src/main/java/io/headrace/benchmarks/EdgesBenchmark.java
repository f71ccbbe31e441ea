package io.headrace.benchmarks;

import io.headrace.connectors.ConfluentAvroWriter;
import io.headrace.connectors.EndPosition;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.jobs.EnrichmentJob;
import io.headrace.jobs.LocalFlink;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.testing.InstantEngine;
import io.headrace.local.LocalServers;
import io.headrace.local.LocalTopics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What the job costs apart from the model: records per second of the job with an engine that
 * answers at once, against a plain Kafka-to-Kafka copy of the same Avro records, in turns in one
 * process with the same broker. A job's time runs from the first to the last record that the broker
 * appends to its output, so that the jobs' starts do not count.
 *
 * <p>Arguments: records, rounds, parallelism.
 */
public final class EdgesBenchmark {

    private static final int PARTITIONS = 4;
    private static final int KEYS = 10_000;
    private static final Duration CHECKPOINTS = Duration.ofSeconds(2);
    private static final String BODY =
            "Hello, I ordered a pair of boots two weeks ago and the tracking page has not moved"
                    + " since. Could you tell me where they are, and when they will arrive? Order ";
    private static final Schema MESSAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Message","namespace":"bench","fields":[
                             {"name":"customer_id","type":"string"},
                             {"name":"subject","type":"string"},
                             {"name":"body","type":"string"},
                             {"name":"sent_at","type":"long"}]}""");

    private static final String PIPELINE =
            """
            name: %1$s
            model: { path: none.gguf }
            kafka: { bootstrapServers: "%2$s" }
            schemaRegistry: { url: "%3$s" }
            source: { topic: in, key: customer_id, text: "{{ subject }}\\n\\n{{ body }}" }
            sink: { topic: %1$s, deadLetterTopic: dead }
            job: { checkpointInterval: %4$d ms, parallelism: %5$d }
            tasks:
              - { name: intent, classify: { labels: [order_status, refund, praise] } }
            """;

    private final LocalServers servers;
    private final int records;
    private final int parallelism;

    private EdgesBenchmark(LocalServers servers, int records, int parallelism) {
        this.servers = servers;
        this.records = records;
        this.parallelism = parallelism;
    }

    /** Prints the rates of each round and the ratios. */
    public static void main(String[] arguments) throws Exception {
        int records = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 300_000;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        int parallelism = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 2;
        try (LocalServers servers = LocalServers.start()) {
            new EdgesBenchmark(servers, records, parallelism).run(rounds);
        }
        // The broker's client libraries leave threads behind that are not daemons.
        System.exit(0);
    }

    private void run(int rounds) throws Exception {
        try (LocalTopics topics = servers.kafka().topics()) {
            topics.create("in", PARTITIONS);
            topics.create("dead", 1);
        }
        fill();
        double[] ratios = new double[rounds];
        for (int round = -1; round < rounds; round++) {
            double copied = rate("copy-" + (round + 1), this::copy);
            double enriched = rate("job-" + (round + 1), this::enrich);
            System.out.printf(
                    Locale.ROOT,
                    "%s copy %,.0f records/s, job %,.0f records/s, job / copy %.2f%n",
                    round < 0 ? "warm-up: " : "round " + (round + 1) + ":",
                    copied,
                    enriched,
                    enriched / copied);
            if (round >= 0) {
                ratios[round] = enriched / copied;
            }
        }
        Arrays.sort(ratios);
        System.out.printf(
                Locale.ROOT, "job / copy, median of %d: %.2f%n", rounds, ratios[rounds / 2]);
    }

    private void fill() throws Exception {
        SchemaRegistryConfig config = SchemaRegistryConfig.of(servers.registry().url());
        try (SchemaRegistry registry = SchemaRegistry.connect(config);
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                Map.of(
                                        "bootstrap.servers",
                                        servers.kafka().bootstrapServers(),
                                        "linger.ms",
                                        20),
                                new ByteArraySerializer(),
                                new ByteArraySerializer())) {
            ConfluentAvroWriter writer = new ConfluentAvroWriter(registry, "in-value");
            Future<RecordMetadata> last = null;
            for (int i = 0; i < records; i++) {
                String customer = "customer-" + i % KEYS;
                last =
                        producer.send(
                                new ProducerRecord<>(
                                        "in",
                                        customer.getBytes(StandardCharsets.UTF_8),
                                        writer.write(message(customer, i))));
            }
            if (last != null) {
                last.get();
            }
        }
    }

    private static GenericRecord message(String customer, int number) {
        GenericData.Record message = new GenericData.Record(MESSAGE);
        message.put("customer_id", customer);
        message.put("subject", "Where is my order?");
        message.put("body", BODY + number);
        message.put("sent_at", 1_700_000_000_000L + number);
        return message;
    }

    /** Adds a job that writes to a topic. */
    private interface Job {
        void addTo(StreamExecutionEnvironment environment, String output);
    }

    private void copy(StreamExecutionEnvironment environment, String output) {
        environment.enableCheckpointing(CHECKPOINTS.toMillis());
        new CopyJob(servers.kafka().bootstrapServers(), "in", output, MESSAGE).addTo(environment);
    }

    private void enrich(StreamExecutionEnvironment environment, String output) {
        String yaml =
                PIPELINE.formatted(
                        output,
                        servers.kafka().bootstrapServers(),
                        servers.registry().url(),
                        CHECKPOINTS.toMillis(),
                        parallelism);
        new EnrichmentJob(
                        PipelineFile.parse(Path.of("benchmark.yaml"), yaml),
                        new InstantEngine.Provider())
                .addTo(environment, new EndPosition.LatestAtStart());
    }

    /** Runs a job into a topic of its own and returns its records per second. */
    private double rate(String output, Job job) throws Exception {
        try (LocalTopics topics = servers.kafka().topics()) {
            topics.create(output, PARTITIONS, Map.of("message.timestamp.type", "LogAppendTime"));
        }
        try (LocalFlink flink = LocalFlink.start(parallelism)) {
            job.addTo(flink.environment(), output);
            flink.environment().execute(output);
        }
        return appended(output);
    }

    private double appended(String topic) {
        long first = Long.MAX_VALUE;
        long last = 0;
        long count = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                servers.kafka().bootstrapServers(),
                                "isolation.level",
                                "read_committed"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (count < records) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofSeconds(10))) {
                    first = Math.min(first, record.timestamp());
                    last = Math.max(last, record.timestamp());
                    count++;
                }
            }
        }
        return count * 1000.0 / Math.max(1, last - first);
    }
}
