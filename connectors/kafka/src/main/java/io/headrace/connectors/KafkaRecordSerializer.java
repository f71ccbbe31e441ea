package io.headrace.connectors;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes a {@link KafkaRecord} as its parts in order, lengths as variable-length integers. */
final class KafkaRecordSerializer extends ImmutableSerializer<KafkaRecord> {

    static final KafkaRecordSerializer INSTANCE = new KafkaRecordSerializer();
    private static final long serialVersionUID = 1L;

    private KafkaRecordSerializer() {}

    @Override
    public KafkaRecord createInstance() {
        return new KafkaRecord(new RecordOrigin("", 0, 0, 0), null, null, List.of());
    }

    @Override
    public void serialize(KafkaRecord record, DataOutputView out) throws IOException {
        WireFormat.writeString(record.topic(), out);
        WireFormat.writeInt(record.partition(), out);
        out.writeLong(record.offset());
        out.writeLong(record.timestampMillis());
        WireFormat.writeBytes(record.key(), out);
        WireFormat.writeBytes(record.value(), out);
        WireFormat.writeHeaders(record.headers(), out);
    }

    @Override
    public KafkaRecord deserialize(DataInputView in) throws IOException {
        RecordOrigin origin =
                new RecordOrigin(
                        WireFormat.readString(in),
                        WireFormat.readInt(in),
                        in.readLong(),
                        in.readLong());
        byte[] key = WireFormat.readBytes(in);
        byte[] value = WireFormat.readBytes(in);
        return new KafkaRecord(origin, key, value, WireFormat.readHeaders(in));
    }

    @Override
    public TypeSerializerSnapshot<KafkaRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    private Object readResolve() {
        return INSTANCE;
    }

    /** Public, because Flink makes it by reflection when it reads a savepoint. */
    public static final class Snapshot extends SerializerSnapshot<KafkaRecord> {

        public Snapshot() {
            super(INSTANCE);
        }
    }
}
