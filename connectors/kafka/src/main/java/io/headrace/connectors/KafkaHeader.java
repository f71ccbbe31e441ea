package io.headrace.connectors;

import java.util.Arrays;
import java.util.Objects;

/** A header of a Kafka record: a name, which may occur more than once, and bytes or null. */
public final class KafkaHeader {

    private final String name;
    private final byte[] value;

    /** Keeps the array itself; the caller no longer changes it. */
    public KafkaHeader(String name, byte[] value) {
        this.name = Objects.requireNonNull(name, "name");
        this.value = value;
    }

    public String name() {
        return name;
    }

    /** Returns the bytes, which the caller does not change; null where the record has null. */
    public byte[] value() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KafkaHeader that
                && name.equals(that.name)
                && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return name + "[" + Lengths.of(value) + "]";
    }
}
