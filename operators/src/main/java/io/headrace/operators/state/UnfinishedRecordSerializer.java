package io.headrace.operators.state;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The binary form of {@link UnfinishedRecord}. */
public final class UnfinishedRecordSerializer<T> extends WrapperSerializer<UnfinishedRecord<T>, T> {

    private static final long serialVersionUID = 1L;

    /** The byte of an optional failure that is there. */
    private static final byte FAILED = 1;

    /** In its place, which is 0 or 1 in earlier versions: no failure, outcomes from the cache. */
    private static final byte CACHE_HIT = 2;

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
                record,
                value.timestamp(),
                value.fingerprint(),
                value.tasks(),
                value.failure(),
                value.cacheHit());
    }

    @Override
    public void serialize(UnfinishedRecord<T> value, DataOutputView target) throws IOException {
        recordSerializer().serialize(value.value(), target);
        Fields.writeOptional(value.timestamp(), (time, out) -> out.writeLong(time), target);
        Fields.writeText(value.fingerprint(), target);
        Fields.writeList(value.tasks(), Fields::writeProgress, target);
        if (value.cacheHit()) {
            target.writeByte(CACHE_HIT);
        } else {
            Fields.writeOptional(value.failure(), Fields::writeFailure, target);
        }
    }

    @Override
    public UnfinishedRecord<T> deserialize(DataInputView source) throws IOException {
        T record = recordSerializer().deserialize(source);
        Optional<Long> time = Fields.readOptional(DataInputView::readLong, source);
        String fingerprint = Fields.readText(source);
        List<TaskProgress> tasks = Fields.readList(Fields::readProgress, source);
        byte end = source.readByte();
        return new UnfinishedRecord<>(
                record,
                time,
                fingerprint,
                tasks,
                end == FAILED ? Optional.of(Fields.readFailure(source)) : Optional.empty(),
                end == CACHE_HIT);
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
