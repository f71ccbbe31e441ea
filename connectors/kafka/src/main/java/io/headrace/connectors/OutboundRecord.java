package io.headrace.connectors;

import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * A record on its way to Kafka, encoded. Immutable; arrays are kept and handed out without a copy
 * and nobody changes them.
 */
@TypeInfo(OutboundRecordTypeInfoFactory.class)
public final class OutboundRecord {

    private static final Header[] NO_HEADERS = {};

    private final byte[] key;
    private final byte[] value;
    private final List<KafkaHeader> headers;
    private final long timestampMillis;

    /**
     * Takes the parts of a record.
     *
     * @param key the key's bytes, or null
     * @param value the value's bytes, or null for a tombstone
     * @param headers in their order
     * @param timestampMillis milliseconds since 1970; negative lets Kafka set the time
     */
    public OutboundRecord(
            byte[] key, byte[] value, List<KafkaHeader> headers, long timestampMillis) {
        this.key = key;
        this.value = value;
        this.headers = List.copyOf(headers);
        this.timestampMillis = timestampMillis;
    }

    /** Passes a tombstone on as it came, so that a compacted output topic forgets the key too. */
    public static OutboundRecord tombstoneOf(KafkaRecord record) {
        return new OutboundRecord(record.key(), null, record.headers(), record.timestampMillis());
    }

    /** Returns what Flink serializes this type with. */
    public static TypeInformation<OutboundRecord> typeInformation() {
        return new ValueTypeInfo<>(OutboundRecord.class, OutboundRecordSerializer.INSTANCE);
    }

    public byte[] key() {
        return key;
    }

    public byte[] value() {
        return value;
    }

    public List<KafkaHeader> headers() {
        return headers;
    }

    public long timestampMillis() {
        return timestampMillis;
    }

    /** Returns the headers as Kafka's client has them. */
    Header[] kafkaHeaders() {
        if (headers.isEmpty()) {
            return NO_HEADERS;
        }
        Header[] all = new Header[headers.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = new RecordHeader(headers.get(i).name(), headers.get(i).value());
        }
        return all;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OutboundRecord that
                && timestampMillis == that.timestampMillis
                && Arrays.equals(key, that.key)
                && Arrays.equals(value, that.value)
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(key) + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return "key[" + Lengths.of(key) + "] value[" + Lengths.of(value) + "] " + headers;
    }
}
