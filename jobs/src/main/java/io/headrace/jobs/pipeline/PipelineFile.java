package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.operators.task.TaskSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.flink.util.TimeUtils;

/**
 * A pipeline file that was read and validated.
 *
 * @param path the file, against whose folder other paths are resolved
 * @param pipeline what it says
 */
public record PipelineFile(Path path, Pipeline pipeline) {

    /**
     * Reads and validates a file.
     *
     * @throws PipelineFileException if it cannot be used; the message says which line, what was
     *     expected, and the nearest valid key
     */
    public static PipelineFile read(Path path) {
        String yaml;
        try {
            yaml = Files.readString(path);
        } catch (IOException e) {
            throw new PipelineFileException(
                    "cannot read the pipeline file "
                            + path
                            + (Files.exists(path)
                                    ? ": " + e.getMessage()
                                    : ": there is no such file"));
        }
        return parse(path, yaml);
    }

    /** Like {@link #read}, of text that the caller has; the path need not exist. */
    public static PipelineFile parse(Path path, String yaml) {
        try {
            YAMLMapper mapper = mapper();
            try (JsonParser parser = mapper.createParser(yaml)) {
                KnownKeys.check(path, parser, Pipeline.class);
            }
            Pipeline pipeline = mapper.readValue(yaml, Pipeline.class);
            if (pipeline == null) {
                throw new PipelineFileException(path + ": the file is empty");
            }
            PipelineFile file = new PipelineFile(path, pipeline);
            file.tasks(); // What the tasks refuse is wrong with the file.
            new ModelChecks(path, pipeline).check();
            file.sourceSchema();
            return file;
        } catch (JsonProcessingException e) {
            throw new PipelineFileException(path + Complaint.of(e));
        } catch (IOException | IllegalArgumentException e) {
            throw new PipelineFileException(path + ": " + e.getMessage());
        }
    }

    private static YAMLMapper mapper() {
        SimpleModule module = new SimpleModule();
        module.addDeserializer(Duration.class, new DurationDeserializer());
        return YAMLMapper.builder(
                        YAMLFactory.builder()
                                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                                .build())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .addModule(module)
                .build();
    }

    /** The tasks, ready to run. */
    public TaskSet tasks() {
        TaskReader reader = new TaskReader(this::schema);
        Map<String, String> adapters = new HashMap<>();
        for (TaskSpec task : pipeline.tasks()) {
            if (task.adapter() != null) {
                requireAdapter(task);
                adapters.put(task.name(), task.adapter());
            }
        }
        return new TaskSet(pipeline.tasks().stream().map(reader::task).toList(), adapters);
    }

    private void requireAdapter(TaskSpec task) {
        if (!pipeline.model().adapters().containsKey(task.adapter())) {
            throw new PipelineFileException(
                    path
                            + ": task '"
                            + task.name()
                            + "': model.adapters has no '"
                            + task.adapter()
                            + "'");
        }
    }

    /** The adapter files of a model by their names. */
    public Map<String, String> adapters(Pipeline.Model model) {
        Map<String, String> adapters = new HashMap<>();
        model.adapters().forEach((name, file) -> adapters.put(name, resolve(file).toString()));
        return adapters;
    }

    /** The models that the tasks use: the first, and those of cascades. */
    public List<Pipeline.Model> models() {
        List<Pipeline.Model> models = new ArrayList<>();
        models.add(pipeline.model());
        pipeline.tasks().stream()
                .filter(task -> task.cascade() != null)
                .map(task -> task.cascade().model())
                .distinct()
                .forEach(name -> models.add(pipeline.models().get(name)));
        return models;
    }

    /** The schema that the source names, if it does. */
    public Optional<Schema> sourceSchema() {
        return pipeline.source() == null || pipeline.source().schema() == null
                ? Optional.empty()
                : Optional.of(schema("source.schema", pipeline.source().schema()));
    }

    private Schema schema(String where, JsonNode written) {
        String text;
        String from;
        if (written.has("subject")) {
            return registered(where, written);
        }
        if (written.isObject()) {
            text = written.toString();
            from = "the schema in the file";
        } else {
            Path file = resolve(written.textValue());
            from = file.toString();
            try {
                text = Files.readString(file);
            } catch (IOException e) {
                throw new PipelineFileException(
                        path + ": " + where + ": cannot read the schema " + file);
            }
        }
        try {
            return new Schema.Parser().parse(text);
        } catch (RuntimeException e) {
            throw new PipelineFileException(
                    path + ": " + where + ": " + from + " is no Avro schema: " + e.getMessage());
        }
    }

    /** How to reach the registry, with secrets filled in; the file must have the section. */
    public SchemaRegistryConfig schemaRegistry() {
        Map<String, String> properties = new HashMap<>();
        pipeline.schemaRegistry()
                .properties()
                .forEach((name, value) -> properties.put(name, Secrets.resolve(value)));
        return new SchemaRegistryConfig(
                List.of(Secrets.resolve(pipeline.schemaRegistry().url())), properties);
    }

    /** The newest schema of a subject. */
    private Schema registered(String where, JsonNode written) {
        String subject = written.path("subject").asText();
        if (written.size() != 1 || subject.isBlank()) {
            throw new PipelineFileException(
                    path + ": " + where + ": a schema of the registry is { subject: NAME }");
        }
        if (pipeline.schemaRegistry() == null) {
            throw new PipelineFileException(
                    path + ": " + where + ": the subject needs a section schemaRegistry");
        }
        try (SchemaRegistry registry = SchemaRegistry.connect(schemaRegistry())) {
            return registry.latest(subject)
                    .orElseThrow(
                            () ->
                                    new PipelineFileException(
                                            path
                                                    + ": "
                                                    + where
                                                    + ": the registry knows no subject '"
                                                    + subject
                                                    + "'"));
        }
    }

    /** The file of the first model, which is not only remote. */
    public Path modelPath() {
        return modelPath(pipeline.model());
    }

    /** The file of a model that is not only remote. */
    public Path modelPath(Pipeline.Model model) {
        return resolve(model.path());
    }

    /** Relative to the pipeline file; if nothing is there, to the working folder. */
    private Path resolve(String written) {
        Path folder = path.toAbsolutePath().getParent();
        Path beside = folder.resolve(written).normalize();
        return Files.exists(beside) || !Files.exists(Path.of(written))
                ? beside
                : Path.of(written).toAbsolutePath().normalize();
    }

    /**
     * Durations are written as in Flink's configuration: {@code 10 s}, {@code 5 min}, {@code 1 d}.
     */
    private static final class DurationDeserializer extends StdDeserializer<Duration> {

        private static final long serialVersionUID = 1L;

        DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context)
                throws IOException {
            String text = parser.getValueAsString();
            if (text == null) {
                return (Duration) context.handleUnexpectedToken(Duration.class, parser);
            }
            try {
                return TimeUtils.parseDuration(text);
            } catch (IllegalArgumentException e) {
                throw context.weirdStringException(text, Duration.class, "no duration");
            }
        }
    }
}
