package io.headrace.operators.state;

import io.headrace.operators.Enriched;
import io.headrace.operators.Unenriched;
import java.util.Objects;
import java.util.function.Function;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.util.function.SerializableFunction;

/** Tells Flink how values around a record of type {@code T} are serialized. */
public final class WrapperTypeInformation<W, T> extends TypeInformation<W> {

    private static final long serialVersionUID = 1L;

    private final Class<W> wrapperClass;
    private final TypeInformation<T> recordType;
    private final SerializableFunction<TypeSerializer<T>, TypeSerializer<W>> serializer;

    private WrapperTypeInformation(
            Class<?> wrapperClass,
            TypeInformation<T> recordType,
            SerializableFunction<TypeSerializer<T>, TypeSerializer<W>> serializer) {
        this.wrapperClass = erased(wrapperClass);
        this.recordType = Objects.requireNonNull(recordType, "recordType");
        this.serializer = serializer;
    }

    /** The type of enriched records. */
    public static <T> TypeInformation<Enriched<T>> enriched(TypeInformation<T> recordType) {
        return new WrapperTypeInformation<>(Enriched.class, recordType, EnrichedSerializer::new);
    }

    /** The type of records that could not be enriched. */
    public static <T> TypeInformation<Unenriched<T>> unenriched(TypeInformation<T> recordType) {
        return new WrapperTypeInformation<>(
                Unenriched.class, recordType, UnenrichedSerializer::new);
    }

    @SuppressWarnings("unchecked")
    private static <W> Class<W> erased(Class<?> type) {
        return (Class<W>) type;
    }

    @Override
    public TypeSerializer<W> createSerializer(SerializerConfig config) {
        Function<TypeSerializer<T>, TypeSerializer<W>> create = serializer;
        return create.apply(recordType.createSerializer(config));
    }

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public Class<W> getTypeClass() {
        return wrapperClass;
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public String toString() {
        return wrapperClass.getSimpleName() + "<" + recordType + ">";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WrapperTypeInformation<?, ?> that
                && that.wrapperClass == wrapperClass
                && that.recordType.equals(recordType);
    }

    @Override
    public int hashCode() {
        return Objects.hash(wrapperClass, recordType);
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof WrapperTypeInformation;
    }
}
