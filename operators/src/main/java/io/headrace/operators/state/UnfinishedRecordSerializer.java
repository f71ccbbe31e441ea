package io.headrace.operators.state;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The binary form of {@link UnfinishedRecord}. */
public final class UnfinishedRecordSerializer<T> extends WrapperSerializer<UnfinishedRecord<T>, T> {

    private static final long serialVersionUID = 1L;

    public UnfinishedRecordSerializer(TypeSerializer<T> recordSerializer) {
        super(recordSerializer);
    }

    @Override
    UnfinishedRecordSerializer<T> with(TypeSerializer<T> newRecordSerializer) {
        return new UnfinishedRecordSerializer<>(newRecordSerializer);
    }

    @Override
    T recordOf(UnfinishedRecord<T> value) {
        return value.value();
    }

    @Override
    UnfinishedRecord<T> withRecord(UnfinishedRecord<T> value, T record) {
        return new UnfinishedRecord<>(
                record, value.timestamp(), value.fingerprint(), value.tasks(), value.failure());
    }

    @Override
    public void serialize(UnfinishedRecord<T> value, DataOutputView target) throws IOException {
        recordSerializer().serialize(value.value(), target);
        Fields.writeOptional(value.timestamp(), (time, out) -> out.writeLong(time), target);
        Fields.writeText(value.fingerprint(), target);
        Fields.writeList(value.tasks(), Fields::writeProgress, target);
        Fields.writeOptional(value.failure(), Fields::writeFailure, target);
    }

    @Override
    public UnfinishedRecord<T> deserialize(DataInputView source) throws IOException {
        return new UnfinishedRecord<>(
                recordSerializer().deserialize(source),
                Fields.readOptional(DataInputView::readLong, source),
                Fields.readText(source),
                Fields.readList(Fields::readProgress, source),
                Fields.readOptional(Fields::readFailure, source));
    }

    @Override
    public TypeSerializerSnapshot<UnfinishedRecord<T>> snapshotConfiguration() {
        return new Snapshot<>(this);
    }

    /** Says with which version of {@link Fields} and of the record the bytes were written. */
    public static final class Snapshot<T>
            extends CompositeTypeSerializerSnapshot<
                    UnfinishedRecord<T>, UnfinishedRecordSerializer<T>> {

        /** For Flink, which reads snapshots into new instances. */
        public Snapshot() {}

        Snapshot(UnfinishedRecordSerializer<T> serializer) {
            super(serializer);
        }

        @Override
        protected int getCurrentOuterSnapshotVersion() {
            return Fields.VERSION;
        }

        @Override
        protected TypeSerializer<?>[] getNestedSerializers(
                UnfinishedRecordSerializer<T> serializer) {
            return new TypeSerializer<?>[] {serializer.recordSerializer()};
        }

        @Override
        @SuppressWarnings("unchecked")
        protected UnfinishedRecordSerializer<T> createOuterSerializerWithNestedSerializers(
                TypeSerializer<?>[] nested) {
            return new UnfinishedRecordSerializer<>((TypeSerializer<T>) nested[0]);
        }
    }
}
