package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.testing.Certificates;
import io.headrace.connectors.testing.SecuredRegistry;
import io.headrace.inference.testing.TinyModels;
import io.headrace.jobs.cli.HeadraceCommand;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.testing.InstantEngine;
import io.headrace.local.LocalKafka;
import io.headrace.local.LocalTopics;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pipeline on a broker with SASL over TLS and a registry with basic authentication over TLS. */
class SecuredPipelineITCase {

    private static final String KAFKA_PASSWORD = "s3cret-kafka";
    private static final List<String> SECRETS =
            List.of(KAFKA_PASSWORD, SecuredRegistry.PASSWORD, Certificates.PASSWORD);
    private static final Schema MESSAGE =
            SchemaBuilder.record("Message").fields().requiredString("body").endRecord();

    @TempDir static Path folder;
    private static Certificates certificates;
    private static LocalKafka kafka;
    private static SecuredRegistry registry;

    @BeforeAll
    static void start() throws Exception {
        certificates = Certificates.create(folder);
        TinyModels.llama(folder.resolve("tiny.gguf"), 7);
        Files.writeString(folder.resolve("kafka-password"), KAFKA_PASSWORD + "\n");
        Files.writeString(folder.resolve("registry-password"), SecuredRegistry.PASSWORD);
        Files.writeString(folder.resolve("store-password"), Certificates.PASSWORD);
        String prefix = "listener.name.client.";
        kafka =
                LocalKafka.start(
                        Map.of(
                                "listener.security.protocol.map",
                                "CLIENT:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
                                prefix + "ssl.keystore.type",
                                "PKCS12",
                                prefix + "ssl.keystore.location",
                                certificates.keyStore().toString(),
                                prefix + "ssl.keystore.password",
                                Certificates.PASSWORD,
                                prefix + "sasl.enabled.mechanisms",
                                "PLAIN",
                                prefix + "plain.sasl.jaas.config",
                                "org.apache.kafka.common.security.plain.PlainLoginModule required"
                                        + " user_app=\""
                                        + KAFKA_PASSWORD
                                        + "\";"));
        try (LocalTopics topics = kafka.topics()) {
            topics.create("in", 1);
            topics.create("out", 1);
            topics.create("dead", 1);
        }
        registry = SecuredRegistry.start(certificates, Edges.servers().registry().url());
    }

    @AfterAll
    static void stop() {
        if (registry != null) {
            registry.close();
        }
        if (kafka != null) {
            kafka.close();
        }
    }

    @Test
    void runsAndTellsNobodyItsSecrets() throws Exception {
        PipelineFile file = pipeline("kafka-password");
        assertThat(file.toString()).doesNotContain(SECRETS);
        send(List.of("one", "two"));
        try (CapturedLogs logs = CapturedLogs.start()) {
            String validated = validate(file.path());
            assertThat(validated).contains("is valid").doesNotContain(SECRETS);

            try (LocalFlink flink = LocalFlink.start(1)) {
                new EnrichmentJob(file, new InstantEngine.Provider())
                        .addTo(flink.environment(), new EndPosition.Unbounded());
                JobClient job = flink.environment().executeAsync("secured");
                List<ConsumerRecord<byte[], byte[]>> enriched = awaitEnriched(2);
                assertThat(Edges.decode(enriched))
                        .extracting(record -> record.get("summary").toString())
                        .containsExactly("ONE", "TWO");

                String id = "/jobs/" + job.getJobID();
                for (String page :
                        List.of(
                                id,
                                id + "/plan",
                                id + "/config",
                                id + "/exceptions",
                                "/config",
                                "/jobmanager/config")) {
                    assertThat(get(flink.webUrl() + page)).as(page).doesNotContain(SECRETS);
                }
                job.cancel().get();
            }
            assertThat(logs.text()).contains("ProducerConfig").doesNotContain(SECRETS);
        }
    }

    @Test
    void saysThatAPasswordIsWrongWithoutNamingIt() throws Exception {
        Files.writeString(folder.resolve("wrong-password"), "wr0ng-passw0rd");
        PipelineFile file = pipeline("wrong-password");

        assertThat(validate(file.path()))
                .contains("does not accept the credentials")
                .doesNotContain("wr0ng-passw0rd")
                .doesNotContain(SECRETS);
        Configuration once = new Configuration();
        once.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        try (LocalFlink flink = LocalFlink.start(1, once)) {
            new EnrichmentJob(file, new InstantEngine.Provider())
                    .addTo(flink.environment(), new EndPosition.LatestAtStart());
            assertThatThrownBy(() -> flink.environment().execute("wrong"))
                    .satisfies(
                            failure ->
                                    assertThat(ExceptionUtils.stringifyException(failure))
                                            .contains("uthentication")
                                            .doesNotContain("wr0ng-passw0rd")
                                            .doesNotContain(SECRETS));
        }
    }

    private static PipelineFile pipeline(String kafkaPassword) throws Exception {
        String yaml =
                """
                model: { path: tiny.gguf }
                kafka:
                  bootstrapServers: "%1$s"
                  properties:
                    security.protocol: SASL_SSL
                    sasl.mechanism: PLAIN
                    sasl.jaas.config: >-
                      org.apache.kafka.common.security.plain.PlainLoginModule required
                      username="app" password="${file:%2$s/%3$s}";
                    ssl.truststore.type: PKCS12
                    ssl.truststore.location: %2$s/trust.p12
                    ssl.truststore.password: ${file:%2$s/store-password}
                schemaRegistry:
                  url: %4$s
                  properties:
                    basic.auth.credentials.source: USER_INFO
                    basic.auth.user.info: "%5$s:${file:%2$s/registry-password}"
                    ssl.truststore.type: PKCS12
                    ssl.truststore.location: %2$s/trust.p12
                    ssl.truststore.password: ${file:%2$s/store-password}
                source: { topic: in, text: "{{ body }}" }
                sink: { topic: out, deadLetterTopic: dead }
                """
                                .formatted(
                                        kafka.bootstrapServers(),
                                        folder,
                                        kafkaPassword,
                                        registry.url(),
                                        SecuredRegistry.USER)
                        + Edges.TASKS;
        return PipelineFile.read(Files.writeString(folder.resolve(kafkaPassword + ".yaml"), yaml));
    }

    private static String validate(Path file) {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream captured = new PrintStream(printed, true, UTF_8);
        System.setOut(captured);
        try {
            HeadraceCommand.execute(captured, "validate", file.toString());
        } finally {
            System.setOut(out);
        }
        return printed.toString(UTF_8);
    }

    /** Through the listener without security, as the jobs' own connections are what is tried. */
    private static void send(List<String> bodies) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.internalBootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (String body : bodies) {
                byte[] value = Edges.avro("in-value", Edges.record(MESSAGE, Map.of("body", body)));
                producer.send(new ProducerRecord<>("in", "k".getBytes(UTF_8), value)).get();
            }
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> awaitEnriched(int count)
            throws InterruptedException {
        return Edges.awaitRecords(kafka.internalBootstrapServers(), "out", count);
    }

    private static String get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
