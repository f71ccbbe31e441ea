package io.headrace.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordSerializersTest {

    /** What version 1 wrote; savepoints hold it, so it stays readable. */
    private static final String VERSION_1 =
            "027404000000000000002a0000018bcfe5680000026b02027403c3bc027400";

    private static final KafkaRecord RECORD =
            new KafkaRecord(
                    new RecordOrigin("t", 4, 42, 1_700_000_000_000L),
                    null,
                    "k".getBytes(UTF_8),
                    List.of(new KafkaHeader("t", "ü".getBytes(UTF_8)), new KafkaHeader("t", null)));

    static Stream<KafkaRecord> records() {
        byte[] large = new byte[70_000];
        String longName = "n".repeat(40_000);
        return Stream.of(
                RECORD,
                new KafkaRecord(new RecordOrigin("t", 0, 0, -1), null, null, List.of()),
                new KafkaRecord(
                        new RecordOrigin("t", 0, 0, 0), new byte[0], new byte[0], List.of()),
                new KafkaRecord(
                        new RecordOrigin("t", 300, Long.MAX_VALUE, 0),
                        large,
                        large,
                        List.of(new KafkaHeader(longName, large))));
    }

    @ParameterizedTest
    @MethodSource("records")
    void restoresEveryPartOfAKafkaRecord(KafkaRecord record) throws IOException {
        TypeSerializer<KafkaRecord> serializer = serializer(KafkaRecord.typeInformation());

        assertThat(serializer.deserialize(input(serializer, record))).isEqualTo(record);
    }

    @ParameterizedTest
    @MethodSource("records")
    void restoresEveryPartOfATextRecord(KafkaRecord record) throws IOException {
        TypeSerializer<TextRecord> serializer = serializer(TextRecord.typeInformation());
        TextRecord prepared = new TextRecord(record, "key", "Grüße 🙂");

        assertThat(serializer.deserialize(input(serializer, prepared))).isEqualTo(prepared);
    }

    @ParameterizedTest
    @MethodSource("records")
    void restoresEveryPartOfAnOutboundRecord(KafkaRecord record) throws IOException {
        TypeSerializer<OutboundRecord> serializer = serializer(OutboundRecord.typeInformation());
        OutboundRecord outbound = CopyJob.copyOf(record);

        assertThat(serializer.deserialize(input(serializer, outbound))).isEqualTo(outbound);
    }

    @Test
    void readsWhatVersionOneWrote() throws IOException {
        byte[] bytes = HexFormat.of().parseHex(VERSION_1);
        TypeSerializer<KafkaRecord> serializer = serializer(KafkaRecord.typeInformation());

        assertThat(serializer.deserialize(new DataInputDeserializer(bytes))).isEqualTo(RECORD);
        assertThat(HexFormat.of().formatHex(bytesOf(serializer, RECORD))).isEqualTo(VERSION_1);
    }

    @Test
    void keepsTheDecodedValueWithinAChainOnly() throws IOException {
        TypeSerializer<KafkaRecord> serializer = serializer(KafkaRecord.typeInformation());
        KafkaRecord record =
                new KafkaRecord(new RecordOrigin("t", 0, 0, 0), null, new byte[1], List.of());
        record.keepDecoded("decoded");

        assertThat(serializer.copy(record).decoded()).isEqualTo("decoded");
        assertThat(serializer.deserialize(input(serializer, record)).decoded()).isNull();
    }

    @Test
    void restoresItsSerializerFromASnapshot() throws Exception {
        TypeSerializer<KafkaRecord> serializer = serializer(KafkaRecord.typeInformation());
        DataOutputSerializer out = new DataOutputSerializer(64);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());

        TypeSerializerSnapshot<KafkaRecord> restored =
                TypeSerializerSnapshot.readVersionedSnapshot(
                        new DataInputDeserializer(out.getCopyOfBuffer()),
                        getClass().getClassLoader());

        assertThat(restored.restoreSerializer()).isSameAs(serializer);
        assertThat(serializer.snapshotConfiguration().resolveSchemaCompatibility(restored))
                .matches(it -> it.isCompatibleAsIs());
        assertThat(InstantiationUtil.clone(serializer)).isSameAs(serializer);
    }

    @Test
    void isFoundByFlinksTypeExtraction() {
        assertThat(TypeInformation.of(KafkaRecord.class)).isEqualTo(KafkaRecord.typeInformation());
        assertThat(TypeInformation.of(OutboundRecord.class))
                .isEqualTo(OutboundRecord.typeInformation());
    }

    private static <T> TypeSerializer<T> serializer(TypeInformation<T> type) {
        return type.createSerializer(new ExecutionConfig().getSerializerConfig());
    }

    private static <T> DataInputDeserializer input(TypeSerializer<T> serializer, T value)
            throws IOException {
        return new DataInputDeserializer(bytesOf(serializer, value));
    }

    private static <T> byte[] bytesOf(TypeSerializer<T> serializer, T value) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer.serialize(value, out);
        return out.getCopyOfBuffer();
    }
}
