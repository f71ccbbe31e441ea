package io.headrace.jobs.demo;

import io.headrace.connectors.ConfluentAvroReader;
import io.headrace.connectors.RecordFormatException;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** An ordinary consumer of topics of Avro records that sees committed records only. */
final class ResultReader implements AutoCloseable {

    /** Takes a record that was read. */
    interface Sink {
        void accept(ConsumerRecord<byte[], byte[]> record, GenericRecord value);
    }

    private final SchemaRegistry registry;
    private final ConfluentAvroReader reader;
    private final KafkaConsumer<byte[], byte[]> consumer;

    ResultReader(String bootstrapServers, SchemaRegistryConfig config, List<String> topics) {
        registry = SchemaRegistry.connect(config);
        reader = new ConfluentAvroReader(registry, Optional.empty());
        consumer =
                new KafkaConsumer<>(
                        Map.of(
                                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                                ConsumerConfig.GROUP_ID_CONFIG, "headrace-demo-reader",
                                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        consumer.subscribe(topics);
    }

    /** Waits for records a while and gives each to the sink. */
    void poll(Duration patience, Sink sink) throws RecordFormatException {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
            sink.accept(record, reader.read(record.value()));
        }
    }

    @Override
    public void close() {
        consumer.close();
        registry.close();
    }
}
