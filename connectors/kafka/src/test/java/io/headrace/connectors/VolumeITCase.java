package io.headrace.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class VolumeITCase {

    private static final int RECORDS = 100_000;
    private static final int KEYS = 1_000;
    private static final int PARTITIONS = 12;

    @Test
    void copiesAHundredThousandRecordsOverTwelvePartitionsOnceAndInTheOrderOfTheirKeys()
            throws Exception {
        String from = Servers.newTopic("volume-in", PARTITIONS);
        String to = Servers.newTopic("volume-out", PARTITIONS);
        TopicContent.send(Servers.connection(), numberedRecords(from));

        CopyJob.run(
                SourceConfig.of(Servers.connection(), from, "volume")
                        .until(new EndPosition.LatestAtStart()),
                SinkConfig.exactlyOnce(Servers.connection(), to, to),
                2,
                CopyJob::copyOf);

        Map<String, Integer> lastOfKey = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                TopicContent.readCommitted(Servers.connection(), to)) {
            String key = new String(record.key(), UTF_8);
            int number = Integer.parseInt(new String(record.value(), UTF_8));
            // One more than the last: none missing, none twice, none overtaken.
            assertThat(number).isEqualTo(lastOfKey.getOrDefault(key, -1) + 1);
            lastOfKey.put(key, number);
        }
        assertThat(lastOfKey).hasSize(KEYS);
        assertThat(lastOfKey.values()).containsOnly(RECORDS / KEYS - 1);
    }

    private static List<ProducerRecord<byte[], byte[]>> numberedRecords(String topic) {
        return IntStream.range(0, RECORDS)
                .mapToObj(
                        index -> {
                            byte[] key = ("key " + index % KEYS).getBytes(UTF_8);
                            byte[] value = Integer.toString(index / KEYS).getBytes(UTF_8);
                            return new ProducerRecord<>(topic, key, value);
                        })
                .toList();
    }
}
