package io.headrace.connectors;

import java.io.Serializable;
import java.util.Objects;
import org.apache.avro.Schema;

/** How a sink writes its values. Travels with the job graph. */
public sealed interface SinkFormat extends Serializable {

    /** Opens a writer for a topic; the caller closes it. */
    RecordWriter open(String topic);

    /**
     * How a source reads what such a sink has written.
     *
     * @param schema the schema that records are read into, or null to keep that of each
     */
    SourceFormat asSource(Schema schema);

    /**
     * Avro under a schema id, by Confluent's default naming of subjects.
     *
     * @param registry the registry
     */
    record ConfluentAvro(SchemaRegistryConfig registry) implements SinkFormat {
        public ConfluentAvro {
            Objects.requireNonNull(registry, "registry");
        }

        @Override
        public RecordWriter open(String topic) {
            return ConfluentAvroWriter.connect(registry, SchemaRegistry.subjectOf(topic));
        }

        @Override
        public SourceFormat asSource(Schema schema) {
            return new SourceFormat.ConfluentAvro(registry, schema);
        }
    }

    /** Plain JSON, without a schema. */
    record Json() implements SinkFormat {
        @Override
        public RecordWriter open(String topic) {
            return new JsonWriter();
        }

        @Override
        public SourceFormat asSource(Schema schema) {
            return new SourceFormat.Json(schema);
        }
    }
}
