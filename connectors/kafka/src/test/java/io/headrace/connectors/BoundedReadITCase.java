package io.headrace.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BoundedReadITCase {

    private static final int RECORDS = 10;
    private static String topic;

    @BeforeAll
    static void fillTwoPartitions() throws Exception {
        topic = Servers.newTopic("bounded", 2);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int partition = 0; partition < 2; partition++) {
            for (int index = 0; index < RECORDS; index++) {
                byte[] value = (partition + ":" + index).getBytes(UTF_8);
                records.add(new ProducerRecord<>(topic, partition, 1_000L + index, null, value));
            }
        }
        TopicContent.send(Servers.connection(), records);
    }

    @Test
    void readsFromOffsetToOffsetAndOtherPartitionsWhole() throws Exception {
        TopicPartition first = new TopicPartition(topic, 0);

        assertThat(
                        read(
                                new StartPosition.Offsets(Map.of(first, 3L)),
                                new EndPosition.Offsets(Map.of(first, 7L))))
                .containsExactlyInAnyOrderElementsOf(expected(3, 7, 0, RECORDS));
    }

    @Test
    void readsFromTimeToTime() throws Exception {
        assertThat(read(new StartPosition.Timestamp(1_002), new EndPosition.Timestamp(1_005)))
                .containsExactlyInAnyOrderElementsOf(expected(2, 5, 2, 5));
    }

    @Test
    void readsToTheEndWhenItsTimeHasNotCome() throws Exception {
        assertThat(read(new StartPosition.Timestamp(1_008), new EndPosition.Timestamp(9_999)))
                .containsExactlyInAnyOrderElementsOf(expected(8, RECORDS, 8, RECORDS));
    }

    private static List<String> expected(int from0, int to0, int from1, int to1) {
        List<String> values = new ArrayList<>();
        IntStream.range(from0, to0).forEach(index -> values.add("0:" + index));
        IntStream.range(from1, to1).forEach(index -> values.add("1:" + index));
        return values;
    }

    private static List<String> read(StartPosition start, EndPosition end) throws Exception {
        String to = Servers.newTopic("bounded-out", 1);
        CopyJob.run(
                SourceConfig.of(Servers.connection(), topic, to).from(start).until(end),
                SinkConfig.atLeastOnce(Servers.connection(), to),
                1,
                CopyJob::copyOf);
        return TopicContent.readCommitted(Servers.connection(), to).stream()
                .map(record -> new String(record.value(), UTF_8))
                .toList();
    }
}
