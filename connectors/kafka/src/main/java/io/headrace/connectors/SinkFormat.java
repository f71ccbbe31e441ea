package io.headrace.connectors;

import java.io.Serializable;
import java.util.Objects;

/** How a sink writes its values. Travels with the job graph. */
public sealed interface SinkFormat extends Serializable {

    /** Opens a writer for a topic; the caller closes it. */
    RecordWriter open(String topic);

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
    }

    /** Plain JSON, without a schema. */
    record Json() implements SinkFormat {
        @Override
        public RecordWriter open(String topic) {
            return new JsonWriter();
        }
    }
}
