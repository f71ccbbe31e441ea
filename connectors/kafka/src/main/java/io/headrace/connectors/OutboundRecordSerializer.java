package io.headrace.connectors;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes an {@link OutboundRecord} as its parts in order. */
final class OutboundRecordSerializer extends ImmutableSerializer<OutboundRecord> {

    static final OutboundRecordSerializer INSTANCE = new OutboundRecordSerializer();
    private static final long serialVersionUID = 1L;

    private OutboundRecordSerializer() {}

    @Override
    public OutboundRecord createInstance() {
        return new OutboundRecord(null, null, List.of(), 0);
    }

    @Override
    public void serialize(OutboundRecord record, DataOutputView out) throws IOException {
        WireFormat.writeBytes(record.key(), out);
        WireFormat.writeBytes(record.value(), out);
        WireFormat.writeHeaders(record.headers(), out);
        out.writeLong(record.timestampMillis());
    }

    @Override
    public OutboundRecord deserialize(DataInputView in) throws IOException {
        byte[] key = WireFormat.readBytes(in);
        byte[] value = WireFormat.readBytes(in);
        List<KafkaHeader> headers = WireFormat.readHeaders(in);
        return new OutboundRecord(key, value, headers, in.readLong());
    }

    @Override
    public TypeSerializerSnapshot<OutboundRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    private Object readResolve() {
        return INSTANCE;
    }

    /** Public, because Flink makes it by reflection when it reads a savepoint. */
    public static final class Snapshot extends SerializerSnapshot<OutboundRecord> {

        public Snapshot() {
            super(INSTANCE);
        }
    }
}
