package io.headrace.connectors;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What a producer with given settings does to a record.
 *
 * @param bytes the most that it sends, before compression
 * @param compression how it compresses
 */
record ProducerLimits(int bytes, Compression compression) {

    static ProducerLimits of(KafkaConnection kafka) {
        Map<String, Object> given = new HashMap<>(kafka.properties());
        given.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        given.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        given.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        Map<String, Object> settings = ProducerConfig.configDef().parse(given);
        return new ProducerLimits(
                (int)
                        Math.min(
                                (Integer) settings.get(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                                (Long) settings.get(ProducerConfig.BUFFER_MEMORY_CONFIG)),
                compression(settings));
    }

    private static Compression compression(Map<String, Object> settings) {
        CompressionType type =
                CompressionType.forName(
                        (String) settings.get(ProducerConfig.COMPRESSION_TYPE_CONFIG));
        return switch (type) {
            case GZIP ->
                    Compression.gzip()
                            .level(level(settings, ProducerConfig.COMPRESSION_GZIP_LEVEL_CONFIG))
                            .build();
            case LZ4 ->
                    Compression.lz4()
                            .level(level(settings, ProducerConfig.COMPRESSION_LZ4_LEVEL_CONFIG))
                            .build();
            case ZSTD ->
                    Compression.zstd()
                            .level(level(settings, ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG))
                            .build();
            case NONE, SNAPPY -> Compression.of(type).build();
        };
    }

    private static int level(Map<String, Object> settings, String name) {
        return (Integer) settings.get(name);
    }
}
