package io.headrace.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;

class DeliveryITCase {

    private static final int RECORDS = 2_000;
    private static final long FIRST_TIMESTAMP = 1_700_000_000_000L;

    @Test
    void copiesEachRecordOnceWithKeyHeadersAndTimestampThoughTheJobFailsInBetween()
            throws Exception {
        String from = Servers.newTopic("delivery-in", 2);
        String to = Servers.newTopic("delivery-out", 2);
        TopicContent.send(Servers.connection(), records(from));
        FailsOnce.FAILED.set(false);

        CopyJob.run(
                SourceConfig.of(Servers.connection(), from, "delivery")
                        .until(new EndPosition.LatestAtStart()),
                SinkConfig.exactlyOnce(Servers.connection(), to, to),
                2,
                new FailsOnce());

        assertThat(FailsOnce.FAILED).isTrue();
        List<ConsumerRecord<byte[], byte[]>> copies =
                TopicContent.readCommitted(Servers.connection(), to);
        assertThat(copies.stream().map(DeliveryITCase::describe))
                .containsExactlyInAnyOrderElementsOf(expected());
    }

    @Test
    void readsAnEmptyTopicToItsEnd() throws Exception {
        String from = Servers.newTopic("empty-in", 1);
        String to = Servers.newTopic("empty-out", 1);

        CopyJob.run(
                SourceConfig.of(Servers.connection(), from, "empty")
                        .until(new EndPosition.LatestAtStart()),
                SinkConfig.atLeastOnce(Servers.connection(), to),
                1,
                CopyJob::copyOf);

        assertThat(TopicContent.readCommitted(Servers.connection(), to)).isEmpty();
    }

    private static List<ProducerRecord<byte[], byte[]>> records(String topic) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int index = 0; index < RECORDS; index++) {
            List<Header> headers =
                    List.of(
                            new RecordHeader("trace", ("t" + index).getBytes(UTF_8)),
                            new RecordHeader("trace", null));
            byte[] value = index % 100 == 0 ? null : ("value " + index).getBytes(UTF_8);
            byte[] key = ("key " + index).getBytes(UTF_8);
            records.add(
                    new ProducerRecord<>(
                            topic, null, FIRST_TIMESTAMP + index, key, value, headers));
        }
        return records;
    }

    private static List<String> expected() {
        List<String> lines = new ArrayList<>();
        for (int index = 0; index < RECORDS; index++) {
            String value = index % 100 == 0 ? "null" : "value " + index;
            lines.add(
                    "key %d|%s|%d|trace=t%d,trace=null,"
                            .formatted(index, value, FIRST_TIMESTAMP + index, index));
        }
        return lines;
    }

    private static String describe(ConsumerRecord<byte[], byte[]> record) {
        StringBuilder headers = new StringBuilder();
        for (Header header : record.headers()) {
            headers.append(header.key()).append('=').append(text(header.value())).append(',');
        }
        return text(record.key())
                + "|"
                + text(record.value())
                + "|"
                + record.timestamp()
                + "|"
                + headers;
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "null" : new String(bytes, UTF_8);
    }

    /** Waits for a checkpoint by copying slowly, and throws once after the first of them. */
    private static final class FailsOnce
            implements MapFunction<KafkaRecord, OutboundRecord>, CheckpointListener {

        private static final long serialVersionUID = 1L;
        static final AtomicBoolean FAILED = new AtomicBoolean();

        private transient boolean checkpointed;
        private transient int recordsAfterCheckpoint;

        @Override
        public OutboundRecord map(KafkaRecord record) throws Exception {
            // Most records are still to come when the first checkpoint completes, also on a busy
            // machine; from then on there is no need to wait.
            Thread.sleep(checkpointed || FAILED.get() ? 1 : 20);
            if (checkpointed
                    && recordsAfterCheckpoint++ > 50
                    && FAILED.compareAndSet(false, true)) {
                throw new IllegalStateException("a failure on purpose");
            }
            return CopyJob.copyOf(record);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            checkpointed = true;
        }
    }
}
