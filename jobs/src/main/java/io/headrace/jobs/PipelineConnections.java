package io.headrace.jobs;

import io.headrace.connectors.KafkaConnection;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.jobs.pipeline.Secrets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How a pipeline reaches Kafka and the registry, with its secrets filled in. */
record PipelineConnections(KafkaConnection kafka, SchemaRegistryConfig registry) {

    /**
     * Takes the connections of a pipeline that is to run on Kafka.
     *
     * @throws PipelineFileException if a section that this needs is left out
     */
    static PipelineConnections of(PipelineFile file) {
        Pipeline pipeline = file.pipeline();
        require(file, pipeline.kafka() != null, "kafka", "bootstrapServers of the cluster");
        require(file, pipeline.schemaRegistry() != null, "schemaRegistry", "the registry's url");
        require(file, pipeline.source() != null, "source", "topic and text of the input");
        require(file, pipeline.sink() != null, "sink", "topic and deadLetterTopic of the output");
        return new PipelineConnections(
                new KafkaConnection(
                        Secrets.resolve(pipeline.kafka().bootstrapServers()),
                        resolved(pipeline.kafka().properties())),
                new SchemaRegistryConfig(
                        List.of(Secrets.resolve(pipeline.schemaRegistry().url())),
                        resolved(pipeline.schemaRegistry().properties())));
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
