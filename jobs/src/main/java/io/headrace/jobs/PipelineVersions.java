package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.jobs.pipeline.PipelinePatch;
import io.headrace.operators.EngineProvider;
import io.headrace.operators.ModelVersion;
import io.headrace.operators.VersionReader;
import io.headrace.operators.task.TaskSet;
import io.headrace.schemas.TaskField;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Makes versions of the messages of a control topic: changes to the pipeline file.
 *
 * <p>Engines with secrets were made where the job was submitted, and serve as long as their model's
 * section does not change; the same holds for tasks, whose schemas may be files there.
 */
final class PipelineVersions implements VersionReader {

    private static final long serialVersionUID = 1L;

    private final String path;
    private final String yaml;
    private final TaskSet tasks;
    private final EngineProvider engine;
    private final HashMap<String, EngineProvider> models = new HashMap<>();
    private final String base;

    /**
     * Creates the reader.
     *
     * @param engine that of the file's {@code model}
     */
    PipelineVersions(PipelineFile file, EngineProvider engine) {
        this.path = file.path().toString();
        this.yaml = file.yaml();
        this.tasks = file.tasks();
        this.engine = engine.alone();
        PipelineEngines engines = new PipelineEngines(file);
        file.pipeline()
                .models()
                .forEach((name, model) -> models.put(name, engines.provider(model)));
        this.base = digest(tasks.version() + PipelinePatch.sectionsOf(file));
    }

    /** The file may hold a key in plain text; the state must not. */
    private static String digest(String text) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String base() {
        return base;
    }

    @Override
    public ModelVersion read(String message) {
        PipelineFile file = PipelineFile.withoutItsFiles(Path.of(path), yaml);
        PipelinePatch patch = PipelinePatch.read(file, message);
        PipelineFile patched = patch.patched();
        TaskSet asked = patch.tasks().orElse(tasks);
        requireSameResults(
                new TaskFields(tasks, file.pipeline().enumTasks()).fields(),
                new TaskFields(asked, patched.pipeline().enumTasks()).fields());
        Map<Pipeline.Model, EngineProvider> known = new HashMap<>();
        models.forEach((name, provider) -> known.put(file.pipeline().models().get(name), provider));
        known.put(file.pipeline().model(), engine);
        return new ModelVersion(asked, new PipelineEngines(patched, known).provider());
    }

    private static void requireSameResults(List<TaskField> before, List<TaskField> after) {
        List<String> names = before.stream().map(TaskField::name).toList();
        List<String> asked = after.stream().map(TaskField::name).toList();
        if (!names.equals(asked)) {
            throw new PipelineFileException(
                    "control message: it has the tasks " + asked + " and the job has " + names);
        }
        for (int i = 0; i < before.size(); i++) {
            if (!before.get(i).schema().equals(after.get(i).schema())) {
                throw new PipelineFileException(
                        "control message: task '"
                                + before.get(i).name()
                                + "' would have results of another type, and records of the output"
                                + " topic have one schema; stop the job with a savepoint and change"
                                + " the pipeline file");
            }
        }
    }
}
