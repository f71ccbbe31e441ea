package io.headrace.jobs;

import io.headrace.connectors.EventTimeField;
import io.headrace.connectors.SchemaClash;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SinkFormat;
import io.headrace.connectors.SourceFormat;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.schemas.EnrichedSchema;
import io.headrace.schemas.HeadraceSchemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * Checks a pipeline against the schemas of its topics: the fields that it names, and what it will
 * write. A topic whose schema nobody has registered yet passes: its first record brings one.
 */
final class SchemaCheck {

    private final PipelineFile file;
    private final Pipeline pipeline;
    private final PipelineConnections connections;
    private final TextTemplate template;
    private final TaskFields fields;

    SchemaCheck(PipelineFile file, PipelineConnections connections) {
        this.file = file;
        this.pipeline = file.pipeline();
        this.connections = connections;
        this.template = TextTemplate.parse(pipeline.source().text());
        this.fields = new TaskFields(file.tasks(), pipeline.enumTasks());
    }

    /** Throws what the first check finds wrong. */
    void check(Set<String> sourceTopics) {
        if (connections.registry().isEmpty()) {
            connections.source().schema().ifPresent(this::enriched);
            return;
        }
        try (SchemaRegistry registry = SchemaRegistry.connect(connections.registry().get())) {
            for (Schema input : inputs(registry, sourceTopics)) {
                Schema enriched = enriched(input);
                requireCompatible(registry, pipeline.sink().topic(), enriched);
            }
            requireCompatible(
                    registry, pipeline.sink().deadLetterTopic(), HeadraceSchemas.DEAD_LETTER);
        }
    }

    /** The schemas that records have once they are read. */
    private List<Schema> inputs(SchemaRegistry registry, Set<String> sourceTopics) {
        Optional<Schema> fixed = connections.source().schema();
        if (!(connections.source() instanceof SourceFormat.ConfluentAvro)) {
            return fixed.stream().toList();
        }
        List<Schema> inputs = new ArrayList<>(fixed.stream().toList());
        for (String topic : sourceTopics) {
            Optional<Schema> written = registry.latest(SchemaRegistry.subjectOf(topic));
            if (fixed.isEmpty()) {
                written.ifPresent(inputs::add);
            } else {
                written.ifPresent(it -> requireReadable(topic, fixed.get(), it));
            }
        }
        return inputs;
    }

    private void requireReadable(String topic, Schema reader, Schema writer) {
        List<String> clashes = SchemaClash.readerAgainst(reader, writer);
        if (!clashes.isEmpty()) {
            throw wrong("source.schema cannot read what is in topic " + topic, clashes);
        }
    }

    /** The enriched form of an input, once every field that the pipeline names is in it. */
    private Schema enriched(Schema input) {
        if (input.getType() == Schema.Type.RECORD) {
            requireTemplate(input);
            requireKey(input);
            connections.eventTime().ifPresent(field -> requireTime(field, input));
        }
        return EnrichedSchema.derive(
                pipeline.source().window() == null ? input : HeadraceSchemas.WINDOW,
                fields.fields());
    }

    private void requireTemplate(Schema input) {
        try {
            template.render(SampleFields.of(input));
        } catch (IllegalArgumentException e) {
            throw wrong("source.text: " + e.getMessage(), List.of(fieldsOf(input)));
        }
    }

    private void requireKey(Schema input) {
        String key = pipeline.source().key();
        if (key != null && input.getField(key) == null) {
            throw wrong("source.key: there is no field '" + key + "'", List.of(fieldsOf(input)));
        }
    }

    private void requireTime(EventTimeField field, Schema input) {
        try {
            field.requireIn(input);
        } catch (IllegalArgumentException e) {
            throw wrong("source.eventTime", List.of(e.getMessage()));
        }
    }

    private void requireCompatible(SchemaRegistry registry, String topic, Schema schema) {
        if (!(connections.sink() instanceof SinkFormat.ConfluentAvro)) {
            return;
        }
        String subject = SchemaRegistry.subjectOf(topic);
        List<String> clashes = registry.incompatibilities(subject, schema);
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

    private PipelineFileException wrong(String what, List<String> reasons) {
        return new PipelineFileException(
                file.path() + ": " + what + "; " + String.join("; ", reasons));
    }

    private static String fieldsOf(Schema input) {
        Map<String, Object> fields = SampleFields.of(input);
        return "fields of " + input.getFullName() + ": " + String.join(", ", fields.keySet());
    }
}
