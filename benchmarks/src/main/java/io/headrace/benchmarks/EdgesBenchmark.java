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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What the job costs apart from the model: the job with an engine that answers at once, against two
 * plain Kafka-to-Kafka copies of the same Avro records, in turns in one process with the same
 * broker, which is a process of its own. All run with the same parallelism, topics, checkpoints and
 * guarantee.
 *
 * <ul>
 *   <li>{@code formats}: what Flink's documentation shows, with Flink's Avro formats;
 *   <li>{@code lean}: a copy that is written for speed, with bytes between the operators;
 *   <li>{@code job}: ours, as a pipeline file has it by default;
 *   <li>{@code job, no cache}: ours without the result cache, so without state for each record.
 * </ul>
 *
 * <p>Counted are clock and processor time of this process in the middle of a run, so that neither
 * the starts of the jobs nor their ends count. On a busy machine the processor time says more.
 *
 * <p>Arguments: records, rounds, parallelism, milliseconds between checkpoints, and for a profile
 * the name of the only job to run.
 */
public final class EdgesBenchmark {

    private static final int PARTITIONS = 4;
    private static final int KEYS = 10_000;
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
                             {"name":"sent_at","type":"long"}]}\
                            """);

    private static final String PIPELINE =
            """
            name: %1$s
            model: { path: none.gguf }
            kafka: { bootstrapServers: "%2$s" }
            schemaRegistry: { url: "%3$s" }
            source: { topic: in, key: customer_id, text: "{{ subject }}\\n\\n{{ body }}" }
            sink: { topic: %1$s, deadLetterTopic: dead }
            job: { checkpointInterval: %4$d ms, parallelism: %5$d, cacheTimeToLive: %6$s }
            tasks:
              - { name: intent, classify: { labels: [order_status, refund, praise] } }
            """;

    private final LocalServers servers;
    private final int records;
    private final int parallelism;
    private final long checkpointMillis;

    private EdgesBenchmark(
            LocalServers servers, int records, int parallelism, long checkpointMillis) {
        this.servers = servers;
        this.records = records;
        this.parallelism = parallelism;
        this.checkpointMillis = checkpointMillis;
    }

    /** Prints the rates of each round and the ratios. */
    public static void main(String[] arguments) throws Exception {
        int records = argument(arguments, 0, 400_000);
        int rounds = argument(arguments, 1, 5);
        int parallelism = argument(arguments, 2, 2);
        int checkpointMillis = argument(arguments, 3, 2_000);
        try (LocalServers servers = LocalServers.start()) {
            new EdgesBenchmark(servers, records, parallelism, checkpointMillis)
                    .run(rounds, arguments.length > 4 ? arguments[4] : "");
        }
        // The broker's client libraries leave threads behind that are not daemons.
        System.exit(0);
    }

    private static int argument(String[] arguments, int index, int otherwise) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
    }

    private void run(int rounds, String only) throws Exception {
        try (LocalTopics topics = servers.kafka().topics()) {
            topics.create("in", PARTITIONS);
            topics.create("dead", 1);
        }
        fill();
        Map<String, Job> jobs = new LinkedHashMap<>();
        jobs.put("formats", this::formatCopy);
        jobs.put("lean", this::leanCopy);
        jobs.put("job", (flink, output) -> enrich(flink, output, "1 d"));
        jobs.put("job, no cache", (flink, output) -> enrich(flink, output, "0 s"));
        jobs.keySet().removeIf(name -> !only.isEmpty() && !name.equals(only));
        Map<String, List<OutputWatch.Cost>> costs = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, Job> job : jobs.entrySet()) {
                String output = job.getKey().replaceAll("\\W+", "-") + "-" + round;
                OutputWatch.Cost cost = run(output, job.getValue());
                System.out.printf("round %d: %s: %s%n", round, job.getKey(), cost);
                if (round > 0) { // the first one warms up
                    costs.computeIfAbsent(job.getKey(), it -> new ArrayList<>()).add(cost);
                }
            }
        }
        costs.forEach((name, theirs) -> print(name, theirs, costs));
    }

    /** Prints the medians of a job, and of its ratios to both copies round by round. */
    private static void print(
            String name, List<OutputWatch.Cost> costs, Map<String, List<OutputWatch.Cost>> all) {
        System.out.printf(
                Locale.ROOT,
                "%s: median %,.0f records/s, %.1f µs%n",
                name,
                median(costs.size(), i -> costs.get(i).perSecond()),
                median(costs.size(), i -> costs.get(i).cpuMicros()));
        for (String copy : List.of("formats", "lean")) {
            List<OutputWatch.Cost> copies = all.get(copy);
            if (copies == null) {
                continue;
            }
            System.out.printf(
                    Locale.ROOT,
                    "  / %s: %.2f by clock, %.2f by processor time%n",
                    copy,
                    median(costs.size(), i -> costs.get(i).perSecond() / copies.get(i).perSecond()),
                    median(
                            costs.size(),
                            i -> copies.get(i).cpuMicros() / costs.get(i).cpuMicros()));
        }
    }

    private static double median(int rounds, IntToDoubleFunction value) {
        return IntStream.range(0, rounds).mapToDouble(value).sorted().toArray()[rounds / 2];
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

    private void formatCopy(StreamExecutionEnvironment environment, String output) {
        environment.enableCheckpointing(checkpointMillis);
        new FormatCopyJob(
                        servers.kafka().bootstrapServers(),
                        servers.registry().url(),
                        "in",
                        output,
                        MESSAGE)
                .addTo(environment);
    }

    private void leanCopy(StreamExecutionEnvironment environment, String output) {
        environment.enableCheckpointing(checkpointMillis);
        new CopyJob(servers.kafka().bootstrapServers(), "in", output, MESSAGE).addTo(environment);
    }

    private void enrich(
            StreamExecutionEnvironment environment, String output, String cacheTimeToLive) {
        String yaml =
                PIPELINE.formatted(
                        output,
                        servers.kafka().bootstrapServers(),
                        servers.registry().url(),
                        checkpointMillis,
                        parallelism,
                        cacheTimeToLive);
        new EnrichmentJob(
                        PipelineFile.parse(Path.of("benchmark.yaml"), yaml),
                        new InstantEngine.Provider())
                .addTo(environment, new EndPosition.LatestAtStart());
    }

    /** Runs a job into a topic of its own. */
    private OutputWatch.Cost run(String output, Job job) throws Exception {
        String brokers = servers.kafka().bootstrapServers();
        try (LocalTopics topics = servers.kafka().topics()) {
            topics.create(output, PARTITIONS);
        }
        OutputWatch watch = OutputWatch.start(brokers, output);
        try (LocalFlink flink = LocalFlink.start(parallelism)) {
            job.addTo(flink.environment(), output);
            flink.environment().execute(output);
        }
        return watch.end(records);
    }
}
