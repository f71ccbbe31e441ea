package io.headrace.connectors;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes a {@link TextRecord} as the record of Kafka, the key and the text. */
final class TextRecordSerializer extends ImmutableSerializer<TextRecord> {

    static final TextRecordSerializer INSTANCE = new TextRecordSerializer();
    private static final long serialVersionUID = 1L;

    private TextRecordSerializer() {}

    @Override
    public TextRecord createInstance() {
        return new TextRecord(KafkaRecordSerializer.INSTANCE.createInstance(), "", "");
    }

    @Override
    public void serialize(TextRecord record, DataOutputView out) throws IOException {
        KafkaRecordSerializer.INSTANCE.serialize(record.source(), out);
        WireFormat.writeString(record.key(), out);
        WireFormat.writeString(record.text(), out);
    }

    @Override
    public TextRecord deserialize(DataInputView in) throws IOException {
        return new TextRecord(
                KafkaRecordSerializer.INSTANCE.deserialize(in),
                WireFormat.readString(in),
                WireFormat.readString(in));
    }

    @Override
    public TypeSerializerSnapshot<TextRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    private Object readResolve() {
        return INSTANCE;
    }

    /** Public, because Flink makes it by reflection when it reads a savepoint. */
    public static final class Snapshot extends SerializerSnapshot<TextRecord> {

        public Snapshot() {
            super(INSTANCE);
        }
    }
}
