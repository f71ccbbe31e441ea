package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class KafkaCheckITCase {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void namesTheNearestTopicWhenOneIsMissing() {
        String topic = Servers.newTopic("customer-messages", 1);
        String wrong = topic.replace("customer", "custmer");
        try (KafkaCheck check = KafkaCheck.connect(Servers.connection(), LIMIT)) {
            assertThatThrownBy(() -> check.requireTopic(wrong))
                    .isInstanceOf(KafkaCheckException.class)
                    .hasMessageContaining("Topic " + wrong + " does not exist at")
                    .hasMessageContaining("nearest name there is " + topic);
            assertThatCode(() -> check.requireTopic(topic)).doesNotThrowAnyException();
        }
    }

    @Test
    void createsATopicOnRequestAndLeavesAnExistingOneAlone() {
        String topic = Servers.uniqueName("on-request");
        try (KafkaCheck check = KafkaCheck.connect(Servers.connection(), LIMIT)) {
            check.createIfMissing(topic, 3);
            check.createIfMissing(topic, 5);

            assertThat(check.topics()).contains(topic);
        }
    }

    @Test
    void requiresATopicThatMatchesThePattern() {
        String topic = Servers.newTopic("pattern", 1);
        try (KafkaCheck check = KafkaCheck.connect(Servers.connection(), LIMIT)) {
            assertThatCode(() -> check.requireTopics(new TopicSelection.Matching("pattern-.*")))
                    .doesNotThrowAnyException();
            assertThatCode(() -> check.requireTopics(TopicSelection.of(topic)))
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> check.requireTopics(new TopicSelection.Matching("no-such-.*")))
                    .isInstanceOf(KafkaCheckException.class)
                    .hasMessageContaining("no-such-.*");
        }
    }

    @Test
    void refusesATransactionTimeoutAboveTheBrokersMaximum() {
        try (KafkaCheck check = KafkaCheck.connect(Servers.connection(), LIMIT)) {
            assertThatCode(
                            () ->
                                    check.requireTransactionTimeout(
                                            SinkConfig.DEFAULT_TRANSACTION_TIMEOUT))
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> check.requireTransactionTimeout(Duration.ofHours(1)))
                    .isInstanceOf(KafkaCheckException.class)
                    .hasMessageContaining("3600000 ms is above the 900000 ms");
        }
    }

    @Test
    void saysWithinTheLimitThatNoBrokerAnswers() {
        KafkaConnection nowhere = KafkaConnection.of("127.0.0.1:9");

        assertThatThrownBy(() -> KafkaCheck.connect(nowhere, Duration.ofSeconds(2)))
                .isInstanceOf(KafkaCheckException.class)
                .hasMessageContaining("No Kafka broker at 127.0.0.1:9 answered within 2 seconds");
    }

    @Test
    void saysThatABrokersNameIsUnknown() {
        KafkaConnection unknown = KafkaConnection.of("no-such-host.invalid:9092");

        assertThatThrownBy(() -> KafkaCheck.connect(unknown, Duration.ofSeconds(2)))
                .isInstanceOf(KafkaCheckException.class)
                .hasMessageContaining("no-such-host.invalid:9092");
    }
}
