package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import io.headrace.connectors.SchemaRegistry;
import io.headrace.connectors.SchemaRegistryConfig;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.apache.avro.Schema;

/**
 * A pipeline file that was read and validated.
 *
 * @param path the file, against whose folder other paths are resolved
 * @param pipeline what it says
 * @param yaml the same as it was written
 */
public record PipelineFile(Path path, Pipeline pipeline, String yaml) {

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
        return PipelineYaml.reading(
                path,
                yaml,
                () -> {
                    PipelineYaml.requireKnownKeys(path, yaml);
                    PipelineFile file = PipelineYaml.bound(path, yaml);
                    KeyLines lines = KeyLines.of(yaml);
                    // What the tasks refuse is wrong with the file.
                    file.tasks(
                            (index, complaint) ->
                                    new PipelineFileException(
                                            path
                                                    + ":"
                                                    + lines.line("tasks[" + index + "].name")
                                                            .orElse(1)
                                                    + ": "
                                                    + complaint));
                    file.sourceSchema();
                    return file;
                });
    }

    /** Binds text that was read and validated elsewhere, where the files that it names are. */
    public static PipelineFile withoutItsFiles(Path path, String yaml) {
        return PipelineYaml.reading(path, yaml, () -> PipelineYaml.bound(path, yaml));
    }

    /** The tasks, ready to run. */
    public TaskSet tasks() {
        return tasks((index, complaint) -> new IllegalArgumentException(complaint));
    }

    /**
     * The tasks, ready to run.
     *
     * @param refusal made of the index of a task, and of what is wrong with it
     */
    private TaskSet tasks(BiFunction<Integer, String, RuntimeException> refusal) {
        TaskReader reader = new TaskReader(this::schema);
        Map<String, String> adapters = new HashMap<>();
        List<Task> tasks = new ArrayList<>();
        for (TaskSpec task : pipeline.tasks()) {
            try {
                if (task.adapter() != null) {
                    requireAdapter(task);
                    adapters.put(task.name(), task.adapter());
                }
                tasks.add(reader.task(task));
            } catch (IllegalArgumentException e) {
                throw refusal.apply(tasks.size(), e.getMessage());
            }
        }
        return new TaskSet(tasks, adapters);
    }

    private void requireAdapter(TaskSpec task) {
        if (!pipeline.model().adapters().containsKey(task.adapter())) {
            throw new IllegalArgumentException(
                    "task '"
                            + task.name()
                            + "': model.adapters has no '"
                            + task.adapter()
                            + "'; name one of "
                            + new TreeSet<>(pipeline.model().adapters().keySet())
                            + ", or add it there");
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
                        path
                                + ": "
                                + where
                                + ": cannot read the schema "
                                + file
                                + "; write the path of an .avsc file, or the schema itself");
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

    /** What the first model is called: its file's name, or its name on a server. */
    public String modelName() {
        Pipeline.Model model = pipeline.model();
        return model.remote() == null
                ? String.valueOf(modelPath().getFileName())
                : model.remote().model() + " at " + model.remote().url();
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

    /** Without the text, which may hold secrets. */
    @Override
    public String toString() {
        return "PipelineFile[" + path + ", " + pipeline + "]";
    }
}
