package io.headrace.operators.state;

import io.headrace.operators.Unenriched;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The binary form of {@link Unenriched}. */
public final class UnenrichedSerializer<T> extends WrapperSerializer<Unenriched<T>, T> {

    private static final long serialVersionUID = 1L;

    public UnenrichedSerializer(TypeSerializer<T> recordSerializer) {
        super(recordSerializer);
    }

    @Override
    UnenrichedSerializer<T> with(TypeSerializer<T> newRecordSerializer) {
        return new UnenrichedSerializer<>(newRecordSerializer);
    }

    @Override
    T recordOf(Unenriched<T> value) {
        return value.record();
    }

    @Override
    Unenriched<T> withRecord(Unenriched<T> value, T record) {
        return new Unenriched<>(record, value.failure(), value.modelDigest());
    }

    @Override
    public void serialize(Unenriched<T> value, DataOutputView target) throws IOException {
        recordSerializer().serialize(value.record(), target);
        Fields.writeFailure(value.failure(), target);
        Fields.writeOptional(value.modelDigest(), Fields::writeText, target);
    }

    @Override
    public Unenriched<T> deserialize(DataInputView source) throws IOException {
        return new Unenriched<>(
                recordSerializer().deserialize(source),
                Fields.readFailure(source),
                Fields.readOptional(Fields::readText, source));
    }

    @Override
    public TypeSerializerSnapshot<Unenriched<T>> snapshotConfiguration() {
        return new Snapshot<>(this);
    }

    /** Says with which version of {@link Fields} and of the record the bytes were written. */
    public static final class Snapshot<T>
            extends CompositeTypeSerializerSnapshot<Unenriched<T>, UnenrichedSerializer<T>> {

        /** For Flink, which reads snapshots into new instances. */
        public Snapshot() {}

        Snapshot(UnenrichedSerializer<T> serializer) {
            super(serializer);
        }

        @Override
        protected int getCurrentOuterSnapshotVersion() {
            return Fields.VERSION;
        }

        @Override
        protected TypeSerializer<?>[] getNestedSerializers(UnenrichedSerializer<T> serializer) {
            return new TypeSerializer<?>[] {serializer.recordSerializer()};
        }

        @Override
        @SuppressWarnings("unchecked")
        protected UnenrichedSerializer<T> createOuterSerializerWithNestedSerializers(
                TypeSerializer<?>[] nested) {
            return new UnenrichedSerializer<>((TypeSerializer<T>) nested[0]);
        }
    }
}
