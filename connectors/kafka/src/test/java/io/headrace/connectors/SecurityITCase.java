package io.headrace.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.connectors.testing.Certificates;
import io.headrace.connectors.testing.SecuredRegistry;
import io.headrace.local.LocalKafka;
import io.headrace.local.LocalTopics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecurityITCase {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String LOGIN =
            "org.apache.kafka.common.security.plain.PlainLoginModule required"
                    + " username=\"app\" password=\"%s\";";
    private static final String PASSWORD = "s3cret-kafka";
    private static final String USERS =
            "org.apache.kafka.common.security.plain.PlainLoginModule required user_app=\""
                    + PASSWORD
                    + "\";";
    private static final Schema SCHEMA =
            SchemaBuilder.record("Message").fields().requiredString("body").endRecord();

    @TempDir static Path folder;
    private static Certificates certificates;
    private static LocalKafka kafka;

    @BeforeAll
    static void start() throws Exception {
        certificates = Certificates.create(folder);
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
                                USERS));
    }

    @AfterAll
    static void close() {
        if (kafka != null) {
            kafka.close();
        }
    }

    @Test
    void copiesATopicExactlyOnceOverSaslAndTls() throws Exception {
        try (LocalTopics topics = kafka.topics()) {
            topics.create("secured-in", 1);
            topics.create("secured-out", 1);
        }
        KafkaConnection connection = connection(PASSWORD);
        try (KafkaCheck check = KafkaCheck.connect(connection, LIMIT)) {
            check.requireTopic("secured-in");
        }
        List<ProducerRecord<byte[], byte[]>> records =
                IntStream.range(0, 100)
                        .mapToObj(it -> ("value " + it).getBytes(UTF_8))
                        .map(it -> new ProducerRecord<>("secured-in", it, it))
                        .toList();
        TopicContent.send(connection, records);

        CopyJob.run(
                SourceConfig.of(connection, "secured-in", "secured")
                        .until(new EndPosition.LatestAtStart()),
                SinkConfig.exactlyOnce(connection, "secured-out", "secured"),
                1,
                CopyJob::copyOf);

        assertThat(TopicContent.readCommitted(connection, "secured-out"))
                .hasSize(100)
                .extracting(it -> new String(it.value(), UTF_8))
                .doesNotHaveDuplicates();
    }

    @Test
    void saysThatKafkaDoesNotAcceptThePasswordWithoutNamingIt() {
        assertThatThrownBy(() -> KafkaCheck.connect(connection("wr0ng"), LIMIT))
                .isInstanceOf(KafkaCheckException.class)
                .hasMessageContaining("does not accept the credentials")
                .hasMessageNotContaining("wr0ng");
    }

    @Test
    void saysThatTheBrokersCertificateIsNotTrusted() {
        KafkaConnection untrusting =
                new KafkaConnection(
                        kafka.bootstrapServers(),
                        Map.of(
                                "security.protocol", "SASL_SSL",
                                "sasl.mechanism", "PLAIN",
                                "sasl.jaas.config", LOGIN.formatted(PASSWORD)));

        assertThatThrownBy(() -> KafkaCheck.connect(untrusting, LIMIT))
                .isInstanceOf(KafkaCheckException.class)
                .hasMessageContaining("check the truststore settings");
    }

    @Test
    void reachesARegistryOverTlsWithAPassword() throws Exception {
        String subject = Servers.uniqueName("secured") + "-value";
        try (SecuredRegistry gate = SecuredRegistry.start(certificates, Servers.registry().url());
                SchemaRegistry registry =
                        SchemaRegistry.connect(config(gate, SecuredRegistry.PASSWORD))) {
            int id = registry.register(subject, SCHEMA);

            assertThat(registry.latest(subject)).contains(SCHEMA);
            assertThat(registry.schemaById(id)).isEqualTo(SCHEMA);
        }
    }

    @Test
    void saysThatTheRegistryDoesNotAcceptThePassword() throws Exception {
        try (SecuredRegistry gate = SecuredRegistry.start(certificates, Servers.registry().url());
                SchemaRegistry registry = SchemaRegistry.connect(config(gate, "wr0ng"))) {
            assertThatThrownBy(() -> registry.register("any-value", SCHEMA))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("credentials are missing or wrong")
                    .hasMessageNotContaining("wr0ng");
        }
    }

    @Test
    void saysThatTheRegistrysCertificateIsNotTrusted() throws Exception {
        try (SecuredRegistry gate = SecuredRegistry.start(certificates, Servers.registry().url());
                SchemaRegistry registry =
                        SchemaRegistry.connect(SchemaRegistryConfig.of(gate.url()))) {
            assertThatThrownBy(() -> registry.register("any-value", SCHEMA))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("TLS failed")
                    .hasMessageContaining("truststore");
        }
    }

    private static KafkaConnection connection(String password) {
        return new KafkaConnection(
                kafka.bootstrapServers(),
                Map.of(
                        "security.protocol",
                        "SASL_SSL",
                        "sasl.mechanism",
                        "PLAIN",
                        "sasl.jaas.config",
                        LOGIN.formatted(password),
                        "ssl.truststore.type",
                        "PKCS12",
                        "ssl.truststore.location",
                        certificates.trustStore().toString(),
                        "ssl.truststore.password",
                        Certificates.PASSWORD));
    }

    private static SchemaRegistryConfig config(SecuredRegistry gate, String password) {
        return new SchemaRegistryConfig(
                List.of(gate.url()),
                Map.of(
                        "basic.auth.credentials.source",
                        "USER_INFO",
                        "basic.auth.user.info",
                        SecuredRegistry.USER + ":" + password,
                        "ssl.truststore.type",
                        "PKCS12",
                        "ssl.truststore.location",
                        certificates.trustStore().toString(),
                        "ssl.truststore.password",
                        Certificates.PASSWORD));
    }
}
