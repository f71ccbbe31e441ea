package io.headrace.operators.state;

import java.io.IOException;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A serializer of an immutable value {@code W} around a record {@code T}, which has a serializer of
 * its own. Copies share everything but the record, and that too where it is immutable.
 */
abstract class WrapperSerializer<W, T> extends TypeSerializer<W> {

    private static final long serialVersionUID = 1L;

    private final TypeSerializer<T> recordSerializer;

    WrapperSerializer(TypeSerializer<T> recordSerializer) {
        this.recordSerializer = Objects.requireNonNull(recordSerializer, "recordSerializer");
    }

    final TypeSerializer<T> recordSerializer() {
        return recordSerializer;
    }

    abstract WrapperSerializer<W, T> with(TypeSerializer<T> newRecordSerializer);

    abstract T recordOf(W value);

    abstract W withRecord(W value, T record);

    @Override
    public boolean isImmutableType() {
        return recordSerializer.isImmutableType();
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // stateless serializers return themselves
    public TypeSerializer<W> duplicate() {
        TypeSerializer<T> duplicate = recordSerializer.duplicate();
        return duplicate == recordSerializer ? this : with(duplicate);
    }

    @Override
    public W createInstance() {
        return null;
    }

    @Override
    public W copy(W from) {
        return isImmutableType() ? from : withRecord(from, recordSerializer.copy(recordOf(from)));
    }

    @Override
    public W copy(W from, W reuse) {
        return copy(from);
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public W deserialize(W reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    @SuppressWarnings("EqualsGetClass") // serializers of different values are never equal
    public boolean equals(Object other) {
        return other != null
                && other.getClass() == getClass()
                && ((WrapperSerializer<?, ?>) other).recordSerializer.equals(recordSerializer);
    }

    @Override
    public int hashCode() {
        return 31 * getClass().hashCode() + recordSerializer.hashCode();
    }
}
