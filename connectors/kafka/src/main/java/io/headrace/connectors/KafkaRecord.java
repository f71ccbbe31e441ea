package io.headrace.connectors;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A record as it lay in Kafka: where it was, when, and its bytes, not yet decoded.
 *
 * <p>Immutable, except that it can carry the decoded value along a chain of operators so that it is
 * decoded once; that part is neither compared nor serialized. Arrays are kept and handed out
 * without a copy; nobody changes them.
 */
@TypeInfo(KafkaRecordTypeInfoFactory.class)
public final class KafkaRecord {

    private final RecordOrigin origin;
    private final byte[] key;
    private final byte[] value;
    private final List<KafkaHeader> headers;
    private Object decoded;

    public KafkaRecord(RecordOrigin origin, byte[] key, byte[] value, List<KafkaHeader> headers) {
        this.origin = Objects.requireNonNull(origin, "origin");
        this.key = key;
        this.value = value;
        this.headers = List.copyOf(headers);
    }

    /** Returns what Flink serializes this type with. */
    public static TypeInformation<KafkaRecord> typeInformation() {
        return new ValueTypeInfo<>(KafkaRecord.class, KafkaRecordSerializer.INSTANCE);
    }

    public RecordOrigin origin() {
        return origin;
    }

    public String topic() {
        return origin.topic();
    }

    public int partition() {
        return origin.partition();
    }

    public long offset() {
        return origin.offset();
    }

    /** Returns Kafka's timestamp in milliseconds since 1970; negative where there is none. */
    public long timestampMillis() {
        return origin.timestampMillis();
    }

    /** Returns the key's bytes, or null. */
    public byte[] key() {
        return key;
    }

    /** Returns the value's bytes, or null for a tombstone. */
    public byte[] value() {
        return value;
    }

    /** Says whether the record has no value: it marks its key as deleted and cannot be read. */
    public boolean isTombstone() {
        return value == null;
    }

    /** Returns the headers in their order. */
    public List<KafkaHeader> headers() {
        return headers;
    }

    /** Returns the decoded value that an operator of this chain left here, or null. */
    public Object decoded() {
        return decoded;
    }

    /** Leaves the decoded value for the operators that follow in the same chain and thread. */
    public void keepDecoded(Object value) {
        decoded = value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KafkaRecord that
                && origin.equals(that.origin)
                && Arrays.equals(key, that.key)
                && Arrays.equals(value, that.value)
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return 31 * origin.hashCode() + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return origin + " key[" + Lengths.of(key) + "] value[" + Lengths.of(value) + "] " + headers;
    }
}
