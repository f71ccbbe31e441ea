package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.headrace.connectors.ConfluentAvroReader;
import io.headrace.connectors.ConfluentAvroWriter;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.local.LocalSchemaRegistry;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docker-compose.yml runs, run without Docker: the same commands, environments, configurations
 * and health checks, in processes of this machine, at other addresses. Prometheus' and Grafana's
 * images are left out.
 */
@DisabledOnOs(OS.WINDOWS)
class ComposeITCase {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** What the scripts of Kafka's image run. */
    private static final Map<String, String> KAFKA_SCRIPTS =
            Map.of(
                    "/opt/kafka/bin/kafka-topics.sh",
                    "org.apache.kafka.tools.TopicCommand",
                    "/opt/kafka/bin/kafka-broker-api-versions.sh",
                    "org.apache.kafka.tools.BrokerApiVersionsCommand");

    private static final List<Path> CLASS_PATH =
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(Path::of)
                    .toList();

    private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();

    @TempDir static Path folder;
    private static ComposeFile compose;
    private static LocalSchemaRegistry registry;

    @BeforeAll
    static void startServersAndMakeTheTopic() throws Exception {
        compose = ComposeFile.read();
        startKafka();
        registry = LocalSchemaRegistry.start();
        STARTED.push(registry);
        compose.setPort("registry", 8080, URI.create(registry.url()).getPort());
        awaitHealth("kafka");
        assertThat(kafkaScript(compose.command("topics"))).isZero();
    }

    @AfterAll
    static void stop() throws Exception {
        while (!STARTED.isEmpty()) {
            STARTED.pop().close();
        }
    }

    /** As the image does: Kafka's own class makes a configuration of the environment. */
    private static void startKafka() throws Exception {
        Map<String, String> environment = new HashMap<>(compose.environment("kafka"));
        environment.put("CLUSTER_ID", "5L6g3nShT-eMCtK--X86sw");
        environment.put("KAFKA_LOG_DIRS", folder.resolve("kafka-data").toString());
        String defaults = Files.createDirectories(folder.resolve("kafka-defaults")).toString();
        Path configuration = Files.createDirectories(folder.resolve("kafka-config"));
        List<String> arguments =
                List.of(
                        "setup",
                        "--default-configs-dir",
                        defaults,
                        "--mounted-configs-dir",
                        defaults,
                        "--final-configs-dir",
                        configuration.toString());
        try (ContainerProcess setup =
                kafka("kafka.docker.KafkaDockerWrapper", arguments, environment)) {
            assertThat(setup.exitCode()).as("%s", setup).isZero();
        }
        STARTED.push(
                kafka(
                        "kafka.Kafka",
                        List.of(configuration.resolve("server.properties").toString()),
                        Map.of()));
    }

    private static ContainerProcess kafka(
            String mainClass, List<String> arguments, Map<String, String> environment)
            throws Exception {
        return ContainerProcess.start(
                folder,
                ContainerProcess.java(CLASS_PATH, List.of("-Xmx384m"), mainClass, arguments),
                environment);
    }

    private static int kafkaScript(List<String> command) throws Exception {
        String mainClass = KAFKA_SCRIPTS.get(command.get(0));
        assertThat(mainClass).as("%s", command).isNotNull();
        try (ContainerProcess script =
                kafka(mainClass, command.subList(1, command.size()), Map.of())) {
            return script.exitCode();
        }
    }

    private static int healthCheck(String service) throws Exception {
        List<String> command = compose.healthCheck(service);
        if (KAFKA_SCRIPTS.containsKey(command.get(0))) {
            return kafkaScript(command);
        }
        try (ContainerProcess check = ContainerProcess.start(folder, command, Map.of())) {
            return check.exitCode();
        }
    }

    private static void awaitHealth(String service) throws Exception {
        await(service, () -> healthCheck(service) == 0);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("%s: %s", what, STARTED).isLessThan(deadline);
            for (AutoCloseable started : STARTED) {
                if (started instanceof ContainerProcess process) {
                    assertThat(process.isAlive()).as("%s", process).isTrue();
                }
            }
            Thread.sleep(500);
        }
    }

    private static String bootstrapServers() {
        return compose.here("jobmanager", "kafka:9092");
    }

    @Test
    void theTopicIsThereWithItsPartitionsAndMakingItAgainIsNoFailure() throws Exception {
        assertThat(kafkaScript(compose.command("topics"))).isZero();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            assertThat(
                            admin.describeTopics(List.of("customer-messages"))
                                    .allTopicNames()
                                    .get()
                                    .get("customer-messages")
                                    .partitions())
                    .hasSize(2);
        }
    }

    @Test
    void noHealthCheckPassesWithoutItsServer() throws Exception {
        ComposeFile nobody = ComposeFile.read();
        assertThat(kafkaScript(nobody.healthCheck("kafka"))).isNotZero();
        for (String service : List.of("registry", "jobmanager", "taskmanager")) {
            try (ContainerProcess check =
                    ContainerProcess.start(folder, nobody.healthCheck(service), Map.of())) {
                assertThat(check.exitCode()).as(service).isNotZero();
            }
        }
    }

    @Test
    void theImageCopiesOnlyWhatTheBuildMakesAndDockerIsGiven() throws Exception {
        assertThat(FlinkImage.copies()).extracting(FlinkImage.Copy::stage).contains("base", "cuda");
        for (FlinkImage.Copy copy : FlinkImage.copies()) {
            assertThat(isGivenToDocker(copy.source())).as(copy.source()).isTrue();
            Path source = ComposeFile.PROJECT.resolve(copy.source());
            if (!Files.exists(source)) { // the jar of a module that only a profile builds
                String pom = Files.readString(source.resolve("../../pom.xml").normalize());
                assertThat(source.getFileName()).hasToString(jarOf(pom));
            }
        }
    }

    /** The last line of .dockerignore that fits decides; ours are all or the names of places. */
    private static boolean isGivenToDocker(String source) throws IOException {
        boolean given = true;
        for (String line : Files.readAllLines(ComposeFile.PROJECT.resolve(".dockerignore"))) {
            if (line.equals("*")) {
                given = false;
            } else {
                assertThat(line).matches("!\\w[^*?]*");
                given |= Path.of(source).startsWith(line.substring(1));
            }
        }
        return given;
    }

    private static String jarOf(String pom) {
        var version = Pattern.compile("<version>(.+?)</version>").matcher(pom);
        var artifact = Pattern.compile("(?s)</parent>.*?<artifactId>(.+?)</").matcher(pom);
        assertThat(version.find() && artifact.find()).as(pom).isTrue();
        return artifact.group(1) + "-" + version.group(1) + ".jar";
    }

    @Test
    void theJobEnrichesWhatIsWrittenToTheTopic() throws Exception {
        assertThat(healthCheck("registry")).isZero();
        FlinkImage image = FlinkImage.build(compose, Files.createDirectory(folder.resolve("root")));
        Path pipeline = image.path("/opt/headrace/deploy/customer-messages.yaml");
        Files.writeString(pipeline, compose.here("jobmanager", Files.readString(pipeline)));
        STARTED.push(image.start("jobmanager"));
        awaitHealth("jobmanager");
        STARTED.push(image.start("taskmanager"));
        awaitHealth("taskmanager");
        String jobs = "http://127.0.0.1:" + compose.port("jobmanager", 8081) + "/jobs/overview";
        await("the job", () -> get(jobs).contains("\"state\":\"RUNNING\""));

        try (SchemaRegistry client =
                SchemaRegistry.connect(SchemaRegistryConfig.of(registry.url()))) {
            write(client, "My parcel with the blue kettle never came.", "Where is my order?");
            write(client, "The lamp arrived in pieces.", null);
            write(client, "Please send me an invoice for order 4711.", "Invoice");
            List<ConsumerRecord<byte[], byte[]>> enriched =
                    Edges.awaitRecords(bootstrapServers(), "customer-messages-enriched", 3);
            assertThat(enriched).as("%s", STARTED).hasSize(3);
            List<String> labels = labels(pipeline);
            for (ConsumerRecord<byte[], byte[]> record : enriched) {
                GenericRecord value =
                        new ConfluentAvroReader(client, Optional.empty()).read(record.value());
                assertThat(((GenericRecord) value.get("intent")).get("label").toString())
                        .isIn(labels);
                assertThat(((GenericRecord) value.get("fields")).getSchema().getFields())
                        .extracting(Schema.Field::name)
                        .contains("product", "order_number");
                assertThat(value.get("summary").toString()).isNotBlank();
                assertThat(value.get("provenance")).isNotNull();
            }
        }
        String metrics = "http://127.0.0.1:" + compose.port("taskmanager", 9249) + "/metrics";
        Pattern out = Pattern.compile("headrace_recordsOut\\{[^}]*} 3\\.0");
        await("metrics", () -> out.matcher(get(metrics)).find());
    }

    private static void write(SchemaRegistry registry, String body, String subject)
            throws Exception {
        GenericRecord message =
                new GenericData.Record(
                        new Schema.Parser()
                                .parse(
                                        ComposeFile.PROJECT
                                                .resolve("examples/customer-message.avsc")
                                                .toFile()));
        message.put("customer_id", "c-1");
        message.put("subject", subject);
        message.put("body", body);
        message.put("sent_at", System.currentTimeMillis());
        byte[] value = new ConfluentAvroWriter(registry, "customer-messages-value").write(message);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("customer-messages", "c-1".getBytes(UTF_8), value))
                    .get();
        }
    }

    private static List<String> labels(Path pipeline) throws IOException {
        return new YAMLMapper()
                .readTree(pipeline.toFile())
                .at("/tasks/0/classify/labels")
                .findValuesAsText("name");
    }

    private static String get(String url) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        }
    }
}
