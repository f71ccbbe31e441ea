package io.headrace.jobs.demo;

import io.headrace.connectors.ConfluentAvroWriter;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends messages at a steady rate. Used by one thread, which may be interrupted to end it. */
final class Producer {

    /** Header that carries the number of a message, so that results can be compared with gold. */
    static final String NUMBER_HEADER = "demo-number";

    private final String bootstrapServers;
    private final SchemaRegistryConfig registry;
    private final String topic;
    private final Schema schema;

    Producer(String bootstrapServers, SchemaRegistryConfig registry, String topic, Schema schema) {
        this.bootstrapServers = bootstrapServers;
        this.registry = registry;
        this.topic = topic;
        this.schema = schema;
    }

    /**
     * Sends that many messages.
     *
     * @param perSecond 0 sends as fast as the broker takes them
     */
    void send(CustomerMessages messages, int count, double perSecond)
            throws InterruptedException, ExecutionException {
        Map<String, Object> properties =
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.LINGER_MS_CONFIG,
                        5);
        try (SchemaRegistry client = SchemaRegistry.connect(registry);
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            ConfluentAvroWriter writer = new ConfluentAvroWriter(client, topic + "-value");
            long start = System.nanoTime();
            Future<RecordMetadata> last = null;
            for (int i = 0; i < count; i++) {
                if (perSecond > 0) {
                    long due = start + (long) (i * TimeUnit.SECONDS.toNanos(1) / perSecond);
                    TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                }
                CustomerMessages.Message message = messages.get(i);
                long now = System.currentTimeMillis();
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(
                                topic,
                                null,
                                now,
                                message.customerId().getBytes(StandardCharsets.UTF_8),
                                writer.write(message.toAvro(schema, now)));
                record.headers()
                        .add(NUMBER_HEADER, Integer.toString(i).getBytes(StandardCharsets.UTF_8));
                last = producer.send(record);
            }
            if (last != null) {
                last.get();
            }
        }
    }
}
