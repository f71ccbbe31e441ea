package io.headrace.jobs;

import io.headrace.connectors.KafkaConnection;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.RecordSizeLimit;
import io.headrace.connectors.RecordWriter;
import io.headrace.connectors.SinkFormat;
import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;

/**
 * Encodes the values of a topic, and says which records are too large for it. Travels closed with
 * the job graph, opens itself, and is used by one thread.
 */
final class TopicWriter implements Serializable, AutoCloseable {

    private static final long serialVersionUID = 1L;

    private final SinkFormat format;
    private final String topic;
    private final RecordSizeLimit limit;
    private transient RecordWriter writer;

    TopicWriter(SinkFormat format, KafkaConnection kafka, String topic) {
        this.format = Objects.requireNonNull(format, "format");
        this.topic = Objects.requireNonNull(topic, "topic");
        this.limit = new RecordSizeLimit(kafka, topic);
    }

    /** Says why a record is too large, if it is. */
    Optional<String> excess(OutboundRecord record) {
        return limit.excess(record);
    }

    /** Encodes a record; fails as {@link RecordWriter#write} does. */
    byte[] write(GenericRecord record) {
        if (writer == null) {
            writer = format.open(topic);
        }
        return writer.write(record);
    }

    /** A second close does nothing. */
    @Override
    public void close() {
        if (writer != null) {
            writer.close();
            writer = null;
        }
    }
}
