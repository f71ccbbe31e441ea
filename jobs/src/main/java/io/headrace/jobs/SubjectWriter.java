package io.headrace.jobs;

import io.headrace.connectors.ConfluentAvroWriter;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import java.io.Serializable;
import org.apache.avro.generic.GenericRecord;

/** Writes records under a subject of the registry. Travels closed with the job graph. */
final class SubjectWriter implements Serializable {

    private static final long serialVersionUID = 1L;

    private final SchemaRegistryConfig config;
    private final String subject;
    private transient SchemaRegistry registry;
    private transient ConfluentAvroWriter writer;

    SubjectWriter(SchemaRegistryConfig config, String subject) {
        this.config = config;
        this.subject = subject;
    }

    void open() {
        registry = SchemaRegistry.connect(config);
        writer = new ConfluentAvroWriter(registry, subject);
    }

    /** Frames and encodes a record; fails as {@link ConfluentAvroWriter#write} does. */
    byte[] write(GenericRecord record) {
        return writer.write(record);
    }

    /** A second close does nothing. */
    void close() {
        if (registry != null) {
            registry.close();
            registry = null;
        }
    }
}
