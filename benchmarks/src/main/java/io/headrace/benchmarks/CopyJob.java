package io.headrace.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * What a Flink user writes to copy a topic of Avro records: source, decode and encode, sink, all in
 * one chain, exactly once. It keeps neither keys nor headers, so it has less to do than our job.
 */
record CopyJob(String bootstrapServers, String from, String to, Schema schema) {

    private static final int FRAME = 5;

    void addTo(StreamExecutionEnvironment environment) {
        Properties producer = new Properties();
        producer.setProperty("transaction.timeout.ms", "600000");
        environment
                .fromSource(
                        KafkaSource.<byte[]>builder()
                                .setBootstrapServers(bootstrapServers)
                                .setTopics(from)
                                .setGroupId(to)
                                .setStartingOffsets(OffsetsInitializer.earliest())
                                .setBounded(OffsetsInitializer.latest())
                                .setValueOnlyDeserializer(new Bytes())
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "source")
                .map(new Copy(schema.toString()))
                .sinkTo(
                        KafkaSink.<byte[]>builder()
                                .setBootstrapServers(bootstrapServers)
                                .setKafkaProducerConfig(producer)
                                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                                .setTransactionalIdPrefix(to)
                                .setRecordSerializer(
                                        KafkaRecordSerializationSchema.<byte[]>builder()
                                                .setTopic(to)
                                                .setValueSerializationSchema(new Bytes())
                                                .build())
                                .build());
    }

    private static final class Bytes extends AbstractDeserializationSchema<byte[]>
            implements SerializationSchema<byte[]> {
        private static final long serialVersionUID = 1L;

        @Override
        public byte[] deserialize(byte[] message) {
            return message;
        }

        @Override
        public byte[] serialize(byte[] message) {
            return message;
        }
    }

    /** Decodes a record with Avro's own decoder and encodes it again under the same frame. */
    private static final class Copy extends RichMapFunction<byte[], byte[]> {

        private static final long serialVersionUID = 1L;

        private final String schemaText;
        private transient GenericDatumReader<GenericRecord> reader;
        private transient GenericDatumWriter<GenericRecord> writer;
        private transient BinaryDecoder decoder;
        private transient BinaryEncoder encoder;

        Copy(String schemaText) {
            this.schemaText = schemaText;
        }

        @Override
        public byte[] map(byte[] value) throws IOException {
            if (reader == null) {
                Schema schema = new Schema.Parser().parse(schemaText);
                reader = new GenericDatumReader<>(schema);
                writer = new GenericDatumWriter<>(schema);
            }
            decoder =
                    DecoderFactory.get().binaryDecoder(value, FRAME, value.length - FRAME, decoder);
            ByteArrayOutputStream out = new ByteArrayOutputStream(value.length);
            out.write(value, 0, FRAME);
            encoder = EncoderFactory.get().binaryEncoder(out, encoder);
            writer.write(reader.read(null, decoder), encoder);
            encoder.flush();
            return out.toByteArray();
        }
    }
}
