package io.headrace.operators.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CacheKeySerializerTest {

    @ParameterizedTest
    @MethodSource("keys")
    void writesWhatThePlainSerializerReads(String key) throws IOException {
        DataOutputSerializer ours = new DataOutputSerializer(16);
        CacheKeySerializer.INSTANCE.serialize(key, ours);
        DataOutputSerializer plain = new DataOutputSerializer(16);
        StringSerializer.INSTANCE.serialize(key, plain);
        assertThat(ours.getCopyOfBuffer()).isEqualTo(plain.getCopyOfBuffer());
        DataInputDeserializer in = new DataInputDeserializer(ours.getCopyOfBuffer());
        assertThat(CacheKeySerializer.INSTANCE.deserialize(in)).isEqualTo(key);
    }

    static String[] keys() {
        return new String[] {
            "",
            "0123456789abcdef0123456789abcdef",
            "x".repeat(126),
            "x".repeat(127),
            "x".repeat(300),
            "\u007f",
            "\u0080",
            "é",
            "数据"
        };
    }
}
