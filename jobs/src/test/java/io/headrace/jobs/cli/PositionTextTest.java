package io.headrace.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.StartPosition;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTextTest {

    private static final Optional<String> TOPIC = Optional.of("in");

    @Test
    void readsWordsTimesAndOffsets() {
        assertThat(PositionText.start("earliest", TOPIC)).isEqualTo(new StartPosition.Earliest());
        assertThat(PositionText.start("committed", TOPIC)).isEqualTo(new StartPosition.Committed());
        assertThat(PositionText.start("1970-01-02", TOPIC))
                .isEqualTo(new StartPosition.Timestamp(86_400_000));
        assertThat(PositionText.start("1970-01-01T01:00:01+01:00", TOPIC))
                .isEqualTo(new StartPosition.Timestamp(1_000));
        assertThat(PositionText.end("latest", TOPIC)).isEqualTo(new EndPosition.LatestAtStart());
        assertThat(PositionText.end("0:10, 3:7", TOPIC))
                .isEqualTo(
                        new EndPosition.Offsets(
                                Map.of(
                                        new TopicPartition("in", 0), 10L,
                                        new TopicPartition("in", 3), 7L)));
        assertThat(PositionText.end("orders.eu/2:5", Optional.empty()))
                .isEqualTo(new EndPosition.Offsets(Map.of(new TopicPartition("orders.eu", 2), 5L)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "yesterday", "0", "0:", ":5", "0:1,", "2026-13-01", "0:-1", "latest"})
    void saysWhatAPositionLooksLike(String text) {
        assertThatThrownBy(() -> PositionText.start(text, TOPIC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("0:100,1:250");
    }

    @Test
    void asksForTheTopicWhereThereAreSeveral() {
        assertThatThrownBy(() -> PositionText.start("0:1", Optional.empty()))
                .hasMessageContaining("topic/0:100");
    }
}
