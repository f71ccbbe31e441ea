package io.headrace.operators.state;

import io.headrace.operators.Enriched;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.CompositeTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The binary form of {@link Enriched}. */
public final class EnrichedSerializer<T> extends WrapperSerializer<Enriched<T>, T> {

    private static final long serialVersionUID = 1L;

    public EnrichedSerializer(TypeSerializer<T> recordSerializer) {
        super(recordSerializer);
    }

    @Override
    EnrichedSerializer<T> with(TypeSerializer<T> newRecordSerializer) {
        return new EnrichedSerializer<>(newRecordSerializer);
    }

    @Override
    T recordOf(Enriched<T> value) {
        return value.record();
    }

    @Override
    Enriched<T> withRecord(Enriched<T> value, T record) {
        return new Enriched<>(record, value.results(), value.provenance());
    }

    @Override
    public void serialize(Enriched<T> value, DataOutputView target) throws IOException {
        recordSerializer().serialize(value.record(), target);
        Fields.writeList(value.results(), Fields::writeResult, target);
        Fields.writeProvenance(value.provenance(), target);
    }

    @Override
    public Enriched<T> deserialize(DataInputView source) throws IOException {
        return new Enriched<>(
                recordSerializer().deserialize(source),
                Fields.readList(Fields::readResult, source),
                Fields.readProvenance(source));
    }

    @Override
    public TypeSerializerSnapshot<Enriched<T>> snapshotConfiguration() {
        return new Snapshot<>(this);
    }

    /** Says with which version of {@link Fields} and of the record the bytes were written. */
    public static final class Snapshot<T>
            extends CompositeTypeSerializerSnapshot<Enriched<T>, EnrichedSerializer<T>> {

        /** For Flink, which reads snapshots into new instances. */
        public Snapshot() {}

        Snapshot(EnrichedSerializer<T> serializer) {
            super(serializer);
        }

        @Override
        protected int getCurrentOuterSnapshotVersion() {
            return Fields.VERSION;
        }

        @Override
        protected TypeSerializer<?>[] getNestedSerializers(EnrichedSerializer<T> serializer) {
            return new TypeSerializer<?>[] {serializer.recordSerializer()};
        }

        @Override
        @SuppressWarnings("unchecked")
        protected EnrichedSerializer<T> createOuterSerializerWithNestedSerializers(
                TypeSerializer<?>[] nested) {
            return new EnrichedSerializer<>((TypeSerializer<T>) nested[0]);
        }
    }
}
