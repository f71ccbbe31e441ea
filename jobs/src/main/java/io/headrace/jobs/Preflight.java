package io.headrace.jobs;

import io.headrace.connectors.KafkaCheck;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.inference.gguf.GgufReader;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.schemas.EnrichedSchema;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * The checks before a job starts: model, topics, registry, text template and output schema. Each
 * failure is one sentence that says what, where and what to do.
 */
public final class Preflight {

    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final PipelineFile file;
    private final Pipeline pipeline;
    private final PipelineConnections connections;

    private Preflight(PipelineFile file) {
        this.file = file;
        this.pipeline = file.pipeline();
        this.connections = PipelineConnections.of(file);
    }

    public static Preflight of(PipelineFile file) {
        return new Preflight(file);
    }

    /** Runs all checks; throws what the first one finds wrong. */
    public void check() {
        // The weights are loaded where the job runs, which may be another machine.
        GgufReader.read(file.modelPath());
        checkTopics();
        checkSchemas();
    }

    private void checkTopics() {
        try (KafkaCheck kafka = KafkaCheck.connect(connections.kafka(), PATIENCE)) {
            kafka.requireTopic(pipeline.source().topic());
            for (String topic :
                    List.of(pipeline.sink().topic(), pipeline.sink().deadLetterTopic())) {
                if (pipeline.sink().createTopics()) {
                    kafka.createIfMissing(topic, 1);
                } else {
                    kafka.requireTopic(topic);
                }
            }
            if (pipeline.sink().guarantee() == Pipeline.Guarantee.EXACTLY_ONCE) {
                kafka.requireTransactionTimeout(pipeline.sink().transactionTimeout());
            }
        }
    }

    private void checkSchemas() {
        try (SchemaRegistry registry = SchemaRegistry.connect(connections.registry())) {
            Optional<Schema> input =
                    registry.latest(EnrichmentJob.subjectOf(pipeline.source().topic()));
            TextTemplate template = TextTemplate.parse(pipeline.source().text());
            if (input.isEmpty()) {
                return; // The first record will bring its schema.
            }
            checkFields(template, input.get());
            Schema enriched =
                    EnrichedSchema.derive(input.get(), EnrichedEncoder.fields(file.tasks()));
            String subject = EnrichmentJob.subjectOf(pipeline.sink().topic());
            List<String> clashes = registry.incompatibilities(subject, enriched);
            if (!clashes.isEmpty()) {
                throw new PipelineFileException(
                        "the output schema is not compatible with subject "
                                + subject
                                + ": "
                                + String.join("; ", clashes)
                                + ". Write to another topic, or change the task or the subject's"
                                + " compatibility rule");
            }
        }
    }

    private void checkFields(TextTemplate template, Schema input) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (input.getType() == Schema.Type.RECORD) {
            input.getFields().forEach(field -> fields.put(field.name(), ""));
        }
        try {
            template.render(fields);
        } catch (IllegalArgumentException e) {
            throw new PipelineFileException(
                    file.path()
                            + ": source.text: "
                            + e.getMessage()
                            + "; fields of "
                            + input.getFullName()
                            + ": "
                            + String.join(", ", fields.keySet()));
        }
        String key = pipeline.source().key();
        if (key != null && !fields.containsKey(key)) {
            throw new PipelineFileException(
                    file.path()
                            + ": source.key: there is no field '"
                            + key
                            + "' in "
                            + input.getFullName()
                            + "; fields: "
                            + String.join(", ", fields.keySet()));
        }
    }
}
