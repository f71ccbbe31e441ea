package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.operators.UnusableRecordException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import org.apache.flink.api.java.functions.KeySelector;

/**
 * The key that a record is ordered and cached under: a field of its value, or the key of the Kafka
 * record. A record without one is a key of its own.
 */
final class RecordKey implements KeySelector<KafkaRecord, String> {

    private static final long serialVersionUID = 1L;

    private final RecordDecoder decoder;
    private final String field;

    /**
     * Creates the selector.
     *
     * @param field a field of the value, or null for the Kafka record's own key
     */
    RecordKey(RecordDecoder decoder, String field) {
        this.decoder = Objects.requireNonNull(decoder, "decoder");
        this.field = field;
    }

    @Override
    public String getKey(KafkaRecord record) {
        if (field != null) {
            try {
                GenericRecord value = decoder.decode(record);
                if (value.hasField(field) && value.get(field) != null) {
                    return value.get(field).toString();
                }
            } catch (UnusableRecordException e) {
                // The operator decodes it again and says what is wrong with it.
            }
        } else if (record.key() != null) {
            return new String(record.key(), StandardCharsets.ISO_8859_1);
        }
        return record.topic() + "-" + record.partition() + "-" + record.offset();
    }
}
