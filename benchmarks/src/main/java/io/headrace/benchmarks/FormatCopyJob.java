package io.headrace.benchmarks;

import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.formats.avro.RegistryAvroDeserializationSchema;
import org.apache.flink.formats.avro.RegistryAvroSerializationSchema;
import org.apache.flink.formats.avro.SchemaCoder;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A copy of a topic of Avro records as Flink's documentation shows it: Flink's own formats with a
 * schema registry, source and sink in one chain, exactly once. It keeps neither keys nor headers.
 */
record FormatCopyJob(
        String bootstrapServers, String registry, String from, String to, Schema schema) {

    void addTo(StreamExecutionEnvironment environment) {
        Properties producer = new Properties();
        producer.setProperty("transaction.timeout.ms", "600000");
        environment
                .fromSource(
                        KafkaSource.<GenericRecord>builder()
                                .setBootstrapServers(bootstrapServers)
                                .setTopics(from)
                                .setGroupId(to)
                                .setStartingOffsets(OffsetsInitializer.earliest())
                                .setBounded(OffsetsInitializer.latest())
                                .setValueOnlyDeserializer(
                                        new RegistryAvroDeserializationSchema<>(
                                                GenericRecord.class,
                                                schema,
                                                coders(registry, from)))
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "source")
                .sinkTo(
                        KafkaSink.<GenericRecord>builder()
                                .setBootstrapServers(bootstrapServers)
                                .setKafkaProducerConfig(producer)
                                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                                .setTransactionalIdPrefix(to)
                                .setRecordSerializer(
                                        KafkaRecordSerializationSchema.<GenericRecord>builder()
                                                .setTopic(to)
                                                .setValueSerializationSchema(
                                                        RegistryAvroSerializationSchema.forGeneric(
                                                                schema, coders(registry, to)))
                                                .build())
                                .build());
    }

    private static SchemaCoder.SchemaCoderProvider coders(String registry, String topic) {
        return () -> new Coder(registry, topic);
    }

    /** Confluent's frame, as Flink's own coder writes it, over the registry client that we have. */
    private static final class Coder implements SchemaCoder {

        private final SchemaRegistry registry;
        private final String subject;
        private final Map<Schema, Integer> ids = new HashMap<>();

        Coder(String url, String topic) {
            registry = SchemaRegistry.connect(SchemaRegistryConfig.of(url));
            subject = SchemaRegistry.subjectOf(topic);
        }

        @Override
        public Schema readSchema(InputStream in) throws IOException {
            DataInputStream data = new DataInputStream(in);
            if (data.readByte() != 0) {
                throw new IOException("the value has no frame");
            }
            return registry.schemaById(data.readInt());
        }

        @Override
        public void writeSchema(Schema schema, OutputStream out) throws IOException {
            DataOutputStream data = new DataOutputStream(out);
            data.writeByte(0);
            data.writeInt(ids.computeIfAbsent(schema, it -> registry.register(subject, it)));
        }
    }
}
