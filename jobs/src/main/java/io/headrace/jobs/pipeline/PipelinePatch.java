package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.operators.task.TaskSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
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
        return PipelineYaml.reading(PLACE, message, () -> patch(file, message));
    }

    /** What patches change, as the file writes it: the same as long as that is the same. */
    public static String sectionsOf(PipelineFile file) {
        return PipelineYaml.reading(
                file.path(),
                file.yaml(),
                () -> {
                    Map<?, ?> whole = PipelineYaml.mapper().readValue(file.yaml(), Map.class);
                    Map<Object, Object> sections = new HashMap<>(whole);
                    sections.keySet().retainAll(SECTIONS);
                    return new ObjectMapper()
                            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                            .writeValueAsString(sections);
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
        if (message.contains("${")) {
            throw refusal("references to secrets, ${…}, stand in the pipeline file only");
        }
        JsonNode before = PipelineYaml.mapper().readTree(file.yaml());
        if (patch.has("model")) {
            requireLocal(before.path("model"), patch.path("model"), "model");
        }
        for (Map.Entry<String, JsonNode> model : patch.path("models").properties()) {
            JsonNode known = before.path("models").path(model.getKey());
            requireLocal(known, model.getValue(), "models." + model.getKey());
        }
        patch.path("tasks").findValues("schema").forEach(PipelinePatch::requireInPlace);
        JsonNode whole = merged(before, patch);
        PipelineFile patched =
                PipelineYaml.bound(file.path(), PipelineYaml.mapper().writeValueAsString(whole));
        return new PipelinePatch(
                patched, patch.has("tasks") ? Optional.of(patched.tasks()) : Optional.empty());
    }

    /** Servers and their secrets belong to the file. */
    private static void requireLocal(JsonNode before, JsonNode changed, String where) {
        if (before.has("remote") || changed.has("remote")) {
            throw refusal(
                    where
                            + " has a server and cannot change while the job runs; stop it with a"
                            + " savepoint and change the pipeline file");
        }
    }

    /** Files and registries are read with rights that the writer of a message may not have. */
    private static void requireInPlace(JsonNode schema) {
        if (!schema.isObject() || schema.has("subject")) {
            throw refusal("a schema stands in the message itself, not in a file or a registry");
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
