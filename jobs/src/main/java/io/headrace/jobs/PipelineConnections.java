package io.headrace.jobs;

import io.headrace.connectors.EventTimeField;
import io.headrace.connectors.KafkaConnection;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.connectors.SinkFormat;
import io.headrace.connectors.SourceFormat;
import io.headrace.connectors.TopicSelection;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.jobs.pipeline.Secrets;
import io.headrace.jobs.pipeline.Sink;
import io.headrace.jobs.pipeline.Source;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/**
 * How a pipeline reaches Kafka and the registry, with its secrets filled in, and what it reads and
 * writes there.
 */
record PipelineConnections(
        KafkaConnection kafka,
        Optional<SchemaRegistryConfig> registry,
        TopicSelection topics,
        SourceFormat source,
        SinkFormat sink,
        Optional<EventTimeField> eventTime) {

    /**
     * Takes the connections of a pipeline that is to run on Kafka.
     *
     * @throws PipelineFileException if a section that this needs is left out
     */
    static PipelineConnections of(PipelineFile file) {
        Pipeline pipeline = file.pipeline();
        require(file, pipeline.kafka() != null, "kafka", "bootstrapServers of the cluster");
        require(file, pipeline.source() != null, "source", "topic and text of the input");
        require(file, pipeline.sink() != null, "sink", "topic and deadLetterTopic of the output");
        boolean usesRegistry =
                pipeline.source().format() == Source.Format.AVRO
                        || pipeline.sink().format() == Sink.Format.AVRO;
        require(
                file,
                !usesRegistry || pipeline.schemaRegistry() != null,
                "schemaRegistry",
                "registry's url, since 'format: avro' keeps its schemas there");
        KafkaConnection kafka =
                new KafkaConnection(
                        Secrets.resolve(pipeline.kafka().bootstrapServers()),
                        resolved(pipeline.kafka().properties()));
        Optional<SchemaRegistryConfig> registry =
                usesRegistry ? Optional.of(file.schemaRegistry()) : Optional.empty();
        return new PipelineConnections(
                kafka,
                registry,
                topics(pipeline.source()),
                sourceFormat(pipeline.source().format(), file.sourceSchema(), registry),
                pipeline.sink().format() == Sink.Format.AVRO
                        ? new SinkFormat.ConfluentAvro(registry.orElseThrow())
                        : new SinkFormat.Json(),
                Optional.ofNullable(pipeline.source().eventTime()).map(EventTimeField::new));
    }

    private static TopicSelection topics(Source source) {
        return source.topic() != null
                ? TopicSelection.of(source.topic())
                : new TopicSelection.Matching(source.topicPattern());
    }

    private static SourceFormat sourceFormat(
            Source.Format format,
            Optional<Schema> schema,
            Optional<SchemaRegistryConfig> registry) {
        return switch (format) {
            case AVRO ->
                    new SourceFormat.ConfluentAvro(registry.orElseThrow(), schema.orElse(null));
            case PLAIN_AVRO -> new SourceFormat.PlainAvro(schema.orElseThrow());
            case JSON -> new SourceFormat.Json(schema.orElse(null));
            case TEXT -> new SourceFormat.Text();
        };
    }

    private static Map<String, String> resolved(Map<String, String> properties) {
        return properties.entrySet().stream()
                .collect(
                        Collectors.toUnmodifiableMap(
                                Map.Entry::getKey, entry -> Secrets.resolve(entry.getValue())));
    }

    private static void require(PipelineFile file, boolean holds, String section, String what) {
        if (!holds) {
            throw new PipelineFileException(
                    file.path()
                            + ": the section '"
                            + section
                            + "' is missing; a job needs it for the "
                            + what);
        }
    }
}
