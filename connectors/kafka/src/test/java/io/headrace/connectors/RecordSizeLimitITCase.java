package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordSizeLimitITCase {

    private static final int LIMIT = 5_000;

    @ParameterizedTest
    @CsvSource({"none, -1", "gzip, 9", "lz4, 3", "zstd, 3", "snappy, -1"})
    void agreesWithTheBrokerAboutEachRecord(String compression, int level) throws Exception {
        String topic = Servers.newTopic("size-" + compression, 1, mostBytes(LIMIT));
        Map<String, String> settings =
                level < 0
                        ? Map.of("compression.type", compression)
                        : Map.of(
                                "compression.type",
                                compression,
                                "compression." + compression + ".level",
                                Integer.toString(level));

        List<Boolean> fits = requireAgreement(topic, Servers.connection().with(settings));

        assertThat(fits).contains(true, false);
    }

    @Test
    void agreesWithTheProducerAboutEachRecord() throws Exception {
        String topic = Servers.newTopic("size-request", 1);
        Map<String, String> settings = Map.of("max.request.size", Integer.toString(LIMIT));

        List<Boolean> fits = requireAgreement(topic, Servers.connection().with(settings));

        assertThat(fits).contains(true, false);
    }

    @Test
    void namesTheSettingThatIsInTheWay() {
        String topic = Servers.newTopic("size-names", 1, mostBytes(LIMIT));
        OutboundRecord record = record(new Random(1), 10_000);

        assertThat(new RecordSizeLimit(Servers.connection(), topic).excess(record).orElseThrow())
                .contains(topic, "max.message.bytes", Integer.toString(LIMIT));
        assertThat(
                        new RecordSizeLimit(
                                        Servers.connection()
                                                .with(Map.of("max.request.size", "6000")),
                                        topic)
                                .excess(record)
                                .orElseThrow())
                .contains("max.request.size", "6000");
    }

    @Test
    void checksAgainstTheProducerAloneWhereTheBrokersDoNotTell() {
        RecordSizeLimit limit = new RecordSizeLimit(Servers.connection(), "no-such-topic");

        assertThat(limit.excess(record(new Random(1), 10_000))).isEmpty();
        assertThat(limit.excess(record(new Random(1), 2_000_000))).isPresent();
    }

    @Test
    void refusesADeadLetterTopicWithoutRoomForABareLetter() {
        String small = Servers.newTopic("letters-small", 1, mostBytes(LIMIT));
        String large = Servers.newTopic("letters-large", 1, mostBytes(20_000));
        try (KafkaCheck check = KafkaCheck.connect(Servers.connection(), Duration.ofSeconds(10))) {
            assertThatCode(() -> check.requireRoomForDeadLetters(large)).doesNotThrowAnyException();
            assertThatThrownBy(() -> check.requireRoomForDeadLetters(small))
                    .isInstanceOf(KafkaCheckException.class)
                    .hasMessageContaining(small)
                    .hasMessageContaining("max.message.bytes");
        }
    }

    /** Sends records around the limit and returns which of them went. */
    private static List<Boolean> requireAgreement(String topic, KafkaConnection kafka)
            throws Exception {
        RecordSizeLimit limit = new RecordSizeLimit(kafka, topic);
        Properties properties = kafka.clientProperties();
        List<Boolean> fits = new ArrayList<>();
        Random random = new Random(7);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int length = LIMIT - 200; length < LIMIT + 40; length += 3) {
                OutboundRecord record = record(random, length);
                boolean sent = isSent(producer, topic, record);
                assertThat(limit.excess(record).isEmpty()).as("%d bytes", length).isEqualTo(sent);
                fits.add(sent);
            }
        }
        return fits;
    }

    private static boolean isSent(
            KafkaProducer<byte[], byte[]> producer, String topic, OutboundRecord record)
            throws InterruptedException {
        try {
            producer.send(
                            new ProducerRecord<>(
                                    topic,
                                    null,
                                    record.timestampMillis(),
                                    record.key(),
                                    record.value(),
                                    List.of(record.kafkaHeaders())))
                    .get();
            return true;
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(RecordTooLargeException.class);
            return false;
        }
    }

    /** A record of random bytes, which no compression makes smaller. */
    private static OutboundRecord record(Random random, int length) {
        byte[] value = new byte[length];
        random.nextBytes(value);
        return new OutboundRecord(
                new byte[] {1, 2, 3},
                value,
                List.of(new KafkaHeader("trace", new byte[] {4}), new KafkaHeader("none", null)),
                1_700_000_000_000L);
    }

    private static Map<String, String> mostBytes(int bytes) {
        return Map.of("max.message.bytes", Integer.toString(bytes));
    }
}
