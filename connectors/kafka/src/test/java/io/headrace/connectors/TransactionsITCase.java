package io.headrace.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.flink.connector.kafka.sink.internal.FlinkKafkaInternalProducer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class TransactionsITCase {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void abortsTheOpenTransactionsUnderAPrefixAndNoOthers() throws Exception {
        String topic = Servers.newTopic("lingering", 1);
        abandon(topic, topic + "-0-1");
        try (KafkaProducer<byte[], byte[]> foreign = begin(topic, topic + "-x-0-1")) {
            assertThat(LingeringTransactions.abort(Servers.connection(), topic, LIMIT))
                    .containsExactly(topic + "-0-1");
            assertThat(LingeringTransactions.abort(Servers.connection(), topic, LIMIT)).isEmpty();

            foreign.commitTransaction();
        }

        assertThat(TopicContent.readCommitted(Servers.connection(), topic))
                .extracting(it -> new String(it.value(), UTF_8))
                .containsExactly(topic + "-x-0-1");
    }

    @Test
    void aJobEndsTheTransactionsThatItsEarlierRunLeftOpen() throws Exception {
        String from = Servers.newTopic("restart-in", 1);
        String to = Servers.newTopic("restart-out", 1);
        List<ProducerRecord<byte[], byte[]>> records =
                IntStream.range(0, 50)
                        .mapToObj(it -> ("value " + it).getBytes(UTF_8))
                        .map(it -> new ProducerRecord<>(from, it, it))
                        .toList();
        TopicContent.send(Servers.connection(), records);
        abandon(to, to + "-0-1");

        CopyJob.run(
                SourceConfig.of(Servers.connection(), from, "restart")
                        .until(new EndPosition.LatestAtStart()),
                SinkConfig.exactlyOnce(Servers.connection(), to, to),
                1,
                CopyJob::copyOf);

        assertThat(TopicContent.readCommitted(Servers.connection(), to)).hasSize(50);
    }

    /** Why, and what the connector's log then says, is in docs/decisions/0005. */
    @Test
    void aSecondCommitAfterARecoveryIsRefusedThoughNothingIsLost() throws Exception {
        String topic = Servers.newTopic("committed-twice", 1);
        Properties properties = Servers.connection().clientProperties();
        properties.setProperty("key.serializer", ByteArraySerializer.class.getName());
        properties.setProperty("value.serializer", ByteArraySerializer.class.getName());
        try (FlinkKafkaInternalProducer<byte[], byte[]> first =
                        new FlinkKafkaInternalProducer<>(properties, topic);
                FlinkKafkaInternalProducer<byte[], byte[]> recovered =
                        new FlinkKafkaInternalProducer<>(properties, topic)) {
            first.initTransactions();
            first.beginTransaction();
            first.send(new ProducerRecord<>(topic, "value".getBytes(UTF_8))).get();
            first.flush();
            long producerId = first.getProducerId();
            short epoch = first.getEpoch();
            first.precommitTransaction();
            first.commitTransaction();

            recovered.resumeTransaction(producerId, epoch);
            assertThatThrownBy(recovered::commitTransaction)
                    .isInstanceOf(ProducerFencedException.class);
        }

        assertThat(TopicContent.readCommitted(Servers.connection(), topic)).hasSize(1);
    }

    /** Leaves a transaction open, as a process that is killed does. */
    private static void abandon(String topic, String transactionalId) throws Exception {
        begin(topic, transactionalId).close(Duration.ZERO);
    }

    private static KafkaProducer<byte[], byte[]> begin(String topic, String transactionalId)
            throws Exception {
        Properties properties = Servers.connection().clientProperties();
        properties.setProperty("transactional.id", transactionalId);
        properties.setProperty("transaction.timeout.ms", "600000");
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        properties, new ByteArraySerializer(), new ByteArraySerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, transactionalId.getBytes(UTF_8))).get();
        return producer;
    }
}
