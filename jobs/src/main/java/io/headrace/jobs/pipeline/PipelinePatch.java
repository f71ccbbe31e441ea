package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
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
 * @param changesTasks whether it has tasks of its own
 */
public record PipelinePatch(PipelineFile patched, boolean changesTasks) {

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
        return new PipelinePatch(
                PipelineYaml.bound(file.path(), PipelineYaml.mapper().writeValueAsString(whole)),
                patch.has("tasks"));
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
