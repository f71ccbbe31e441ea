package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.RecordFormatException;
import io.headrace.connectors.RecordReader;
import io.headrace.connectors.SourceFormat;
import io.headrace.operators.Failure.Stage;
import java.io.Serializable;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;

/**
 * Decodes the values of Kafka records, each once: a record keeps its decoded value while it stays
 * in the process. Travels closed with the job graph, opens itself, and is used by one thread.
 */
final class RecordDecoder implements Serializable, AutoCloseable {

    private static final long serialVersionUID = 1L;

    private final SourceFormat format;
    private transient RecordReader reader;

    RecordDecoder(SourceFormat format) {
        this.format = Objects.requireNonNull(format, "format");
    }

    /**
     * Decodes a record's value.
     *
     * @throws BadRecordException if it has none, or not in the format that is expected
     */
    GenericRecord decode(KafkaRecord record) throws BadRecordException {
        if (record.decoded() instanceof GenericRecord decoded) {
            return decoded;
        }
        if (record.isTombstone()) {
            throw new BadRecordException(
                    Stage.DECODE, "Tombstone", "the record has no value, so there is no text");
        }
        try {
            GenericRecord decoded = reader().read(record.value());
            record.keepDecoded(decoded);
            return decoded;
        } catch (RecordFormatException e) {
            throw notInFormat(e);
        }
    }

    /**
     * Gives a record's value behind a shuffle, after it was decoded before it; fields that are
     * decoded when they are asked for may throw Avro's exceptions.
     */
    GenericRecord decodeAgain(KafkaRecord record) throws BadRecordException {
        if (record.isTombstone() || record.decoded() != null) {
            return decode(record);
        }
        try {
            return reader().readAgain(record.value());
        } catch (RecordFormatException e) {
            throw notInFormat(e);
        }
    }

    private static BadRecordException notInFormat(RecordFormatException e) {
        return new BadRecordException(Stage.DECODE, "RecordFormat", e.getMessage());
    }

    private RecordReader reader() {
        if (reader == null) {
            reader = format.open();
        }
        return reader;
    }

    /** A second close does nothing. */
    @Override
    public void close() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }
}
