package io.headrace.jobs.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** An ordinary producer and an ordinary consumer of committed records. */
final class TopicTraffic {

    private TopicTraffic() {}

    /** Sends values, whose key is what stands before the first colon, at a pace. */
    static void send(String brokers, String topic, List<String> values, int perSecond)
            throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        long start = System.nanoTime();
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", brokers, "acks", "all"),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int i = 0; i < values.size(); i++) {
                String key = values.get(i).split(":", 2)[0];
                sent.add(producer.send(new ProducerRecord<>(topic, key, values.get(i))));
                long ahead = 1_000L * i / perSecond - (System.nanoTime() - start) / 1_000_000;
                if (ahead > 0) {
                    Thread.sleep(ahead);
                }
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    /**
     * Reads until there are so many committed records, and on to the end, and returns all values.
     */
    static List<String> readCommitted(String brokers, String topic, int expected, Duration limit) {
        List<String> values = new ArrayList<>();
        Map<String, Object> properties =
                new HashMap<>(
                        Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed"));
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        properties, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + limit.toNanos();
            boolean quiet = false;
            while ((values.size() < expected || !quiet) && System.nanoTime() < deadline) {
                int before = values.size();
                // Longer than a checkpoint: what was doubled would be committed by then.
                for (ConsumerRecord<String, String> record :
                        consumer.poll(Duration.ofMillis(1_500))) {
                    values.add(record.value());
                }
                quiet = values.size() == before;
            }
        }
        return values;
    }
}
