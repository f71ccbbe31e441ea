package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.util.InstantiationUtil;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ConfigurationTest {

    private static final KafkaConnection SECURED =
            new KafkaConnection(
                    "broker:9093", Map.of("sasl.jaas.config", "user and s3cret", "x", "s3cret"));
    private static final SchemaRegistryConfig SECURED_REGISTRY =
            new SchemaRegistryConfig(
                    List.of("https://user:s3cret@registry:8081"),
                    Map.of("basic.auth.user.info", "user:s3cret"));

    @Test
    void keepsSecretsOutOfEveryText() {
        List<Object> configs =
                List.of(
                        SECURED,
                        SECURED_REGISTRY,
                        SourceConfig.of(SECURED, "topic", "group"),
                        SinkConfig.exactlyOnce(SECURED, "topic", "prefix"));

        assertThat(configs).allSatisfy(it -> assertThat(it.toString()).doesNotContain("s3cret"));
        assertThat(SECURED.toString()).contains("broker:9093", "sasl.jaas.config");
        assertThat(SECURED_REGISTRY.toString()).contains("https://registry:8081");
        for (String wrong : List.of("ftp://user:s3cret@registry", "http://user:s3cret@ registry")) {
            assertThatThrownBy(() -> SchemaRegistryConfig.of(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasStackTraceContaining("A schema registry's URL")
                    .satisfies(it -> assertThat(it).hasNoCause())
                    .hasMessageNotContaining("s3cret");
        }
    }

    @Test
    void movesTheUserOfAUrlToThePropertiesBecauseClientsLogTheirUrls() {
        SchemaRegistryConfig config = SchemaRegistryConfig.of("https://user:s3%20cret@host:8081/x");

        assertThat(config.urls()).containsExactly("https://host:8081/x");
        assertThat(config.properties())
                .containsEntry("basic.auth.credentials.source", "USER_INFO")
                .containsEntry("basic.auth.user.info", "user:s3 cret");
    }

    @Test
    void travelsToTheTasksByJavaSerialization() throws Exception {
        Map<TopicPartition, Long> offsets = Map.of(new TopicPartition("topic", 1), 5L);
        List<Serializable> configs =
                List.of(
                        SECURED_REGISTRY,
                        SinkConfig.atLeastOnce(SECURED, "topic"),
                        SourceConfig.of(SECURED, "topic", "group")
                                .from(new StartPosition.Offsets(offsets))
                                .until(new EndPosition.Offsets(offsets)));

        for (Serializable config : configs) {
            assertThat(InstantiationUtil.<Serializable>clone(config)).isEqualTo(config);
        }
    }

    @Test
    void refusesWhatCannotWork() {
        assertThatThrownBy(() -> KafkaConnection.of(" "))
                .hasMessageContaining("bootstrapServers must be given");
        assertThatThrownBy(() -> new TopicSelection.Names(List.of()))
                .hasMessageContaining("at least one topic");
        assertThatThrownBy(() -> new TopicSelection.Matching("("))
                .hasMessageContaining("no regular expression");
        assertThatThrownBy(() -> new StartPosition.Timestamp(-1)).hasMessageContaining("1970");
        assertThatThrownBy(
                        () -> new EndPosition.Offsets(Map.of(new TopicPartition("topic", 0), -1L)))
                .hasMessageContaining("topic-0 is negative");
        assertThatThrownBy(() -> SinkConfig.exactlyOnce(SECURED, "topic", ""))
                .hasMessageContaining("transactionalIdPrefix must be given");
        assertThatThrownBy(
                        () ->
                                new SinkConfig(
                                        SECURED,
                                        "topic",
                                        DeliveryGuarantee.NONE,
                                        "",
                                        Duration.ofMinutes(1)))
                .hasMessageContaining("at least once or exactly once");
    }
}
