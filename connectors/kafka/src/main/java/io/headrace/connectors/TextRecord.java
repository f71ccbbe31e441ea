package io.headrace.connectors;

import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A record of Kafka with what was made of its value: the key that it is ordered under and its text.
 *
 * @param source the record as it was read
 * @param key the key
 * @param text the text
 */
@TypeInfo(TextRecordTypeInfoFactory.class)
public record TextRecord(KafkaRecord source, String key, String text) {

    public TextRecord {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(text, "text");
    }

    /** Returns what Flink serializes this type with. */
    public static TypeInformation<TextRecord> typeInformation() {
        return new ValueTypeInfo<>(TextRecord.class, TextRecordSerializer.INSTANCE);
    }

    @Override
    public String toString() {
        return source + " text[" + text.length() + " characters]";
    }
}
