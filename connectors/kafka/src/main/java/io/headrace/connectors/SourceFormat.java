package io.headrace.connectors;

import java.io.Serializable;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.Schema;

/** How the values of a source's topics are written. Travels with the job graph. */
public sealed interface SourceFormat extends Serializable {

    /** Opens a reader; the caller closes it. */
    RecordReader open();

    /** Returns the schema of all records, where it is known before the first of them. */
    Optional<Schema> schema();

    /**
     * Avro whose writer's schema is in a registry.
     *
     * @param registry the registry
     * @param readerSchema the schema that records are read into, or null to keep each writer's
     */
    record ConfluentAvro(SchemaRegistryConfig registry, Schema readerSchema)
            implements SourceFormat {
        public ConfluentAvro {
            Objects.requireNonNull(registry, "registry");
        }

        @Override
        public RecordReader open() {
            return ConfluentAvroReader.connect(registry, schema());
        }

        @Override
        public Optional<Schema> schema() {
            return Optional.ofNullable(readerSchema);
        }
    }

    /**
     * Avro without any frame.
     *
     * @param fixedSchema the schema that all records are written with
     */
    record PlainAvro(Schema fixedSchema) implements SourceFormat {
        public PlainAvro {
            Objects.requireNonNull(fixedSchema, "fixedSchema");
        }

        @Override
        public RecordReader open() {
            return new PlainAvroReader(fixedSchema);
        }

        @Override
        public Optional<Schema> schema() {
            return Optional.of(fixedSchema);
        }
    }

    /**
     * JSON objects.
     *
     * @param targetSchema the schema that they are read into, or null to let each suggest its own
     */
    record Json(Schema targetSchema) implements SourceFormat {
        @Override
        public RecordReader open() {
            return new JsonReader(schema());
        }

        @Override
        public Optional<Schema> schema() {
            return Optional.ofNullable(targetSchema);
        }
    }

    /** UTF-8 text, the field {@code value} of its record. */
    record Text() implements SourceFormat {
        @Override
        public RecordReader open() {
            return new TextReader();
        }

        @Override
        public Optional<Schema> schema() {
            return Optional.of(TextReader.SCHEMA);
        }
    }
}
