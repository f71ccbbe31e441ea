package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.operators.task.TaskSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A change to a pipeline file's model, models and tasks, as a control message writes it: a JSON
 * merge patch (RFC 7386) in YAML or JSON. Sections are merged key by key, null takes a key out, a
 * list replaces the whole list; so an empty object is the file itself.
 *
 * <p>It changes what is asked and what answers here, never where data goes: it names no server, and
 * refers to no secret.
 *
 * @param patched the pipeline file with the change
 * @param tasks those of the change, if it has any
 */
public record PipelinePatch(PipelineFile patched, Optional<TaskSet> tasks) {

    private static final Path PLACE = Path.of("control message");
    private static final Set<String> SECTIONS = new TreeSet<>(Set.of("model", "models", "tasks"));

    /**
     * Reads a message against the file that it changes.
     *
     * @throws PipelineFileException with a sentence that says what cannot be used
     */
    public static PipelinePatch read(PipelineFile file, String message) {
        return PipelineYaml.reading(PLACE, () -> patch(file, message));
    }

    /** What patches change, as the file writes it: the same as long as that is the same. */
    public static String sectionsOf(PipelineFile file) {
        return PipelineYaml.reading(
                file.path(),
                () -> {
                    JsonNode whole = PipelineYaml.mapper().readTree(file.yaml());
                    StringBuilder sections = new StringBuilder();
                    SECTIONS.forEach(name -> sections.append(whole.path(name)).append('\n'));
                    return sections.toString();
                });
    }

    private static PipelinePatch patch(PipelineFile file, String message) throws IOException {
        if (message.isBlank()) {
            throw refusal("it is empty; send {} to go back to the pipeline file");
        }
        PipelineYaml.requireKnownKeys(PLACE, message);
        JsonNode patch = PipelineYaml.mapper().readTree(message);
        if (!patch.isObject()) {
            throw refusal("expected an object with " + SECTIONS);
        }
        for (Map.Entry<String, JsonNode> section : patch.properties()) {
            if (!SECTIONS.contains(section.getKey())) {
                throw refusal(
                        "'"
                                + section.getKey()
                                + "' cannot change while the job runs, only "
                                + SECTIONS
                                + "; stop it with a savepoint and change the pipeline file");
            }
        }
        requireLocal(patch.path("model"), "model");
        for (Map.Entry<String, JsonNode> model : patch.path("models").properties()) {
            requireLocal(model.getValue(), "models." + model.getKey());
        }
        if (message.contains("${")) {
            throw refusal("references to secrets, ${…}, stand in the pipeline file only");
        }
        JsonNode whole = merged(PipelineYaml.mapper().readTree(file.yaml()), patch);
        PipelineFile patched =
                PipelineYaml.bound(file.path(), PipelineYaml.mapper().writeValueAsString(whole));
        return new PipelinePatch(
                patched, patch.has("tasks") ? Optional.of(patched.tasks()) : Optional.empty());
    }

    private static void requireLocal(JsonNode model, String where) {
        if (model.has("remote")) {
            throw refusal(
                    where
                            + ".remote cannot change while the job runs; stop it with a savepoint"
                            + " and change the pipeline file");
        }
    }

    private static PipelineFileException refusal(String sentence) {
        return new PipelineFileException(PLACE + ": " + sentence);
    }

    /** RFC 7386, section 2. */
    private static JsonNode merged(JsonNode target, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode result =
                target != null && target.isObject()
                        ? target.deepCopy()
                        : JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> change : patch.properties()) {
            if (change.getValue().isNull()) {
                result.remove(change.getKey());
            } else {
                result.set(change.getKey(), merged(result.get(change.getKey()), change.getValue()));
            }
        }
        return result;
    }
}
