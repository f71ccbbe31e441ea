package io.headrace.jobs.watch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.jobs.WatchedTopics.Seen;
import io.headrace.jobs.pipeline.KnownSecrets;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.MultiLabel;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.RunningSummary;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import io.headrace.schemas.EnrichedSchema;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes cards of records. What is to be masked never reaches a card. Used by one thread.
 *
 * <p>Masked are keys, the values of the record's own fields, texts that a model wrote or copied,
 * the record in the prompts, and the messages of failures, which may quote it. Labels,
 * probabilities, stages, error classes and provenance stay.
 */
final class CardWriter {

    /** A prompt shows the text, not what is to come out. */
    private static final Output OUTPUT = new Output.Text(1, List.of(), Sampling.GREEDY);

    private static final String BEFORE =
            "(the summary up to the record before, where there is one)";

    private final TaskSet tasks;
    private final String tasksVersion;
    private final Map<String, String> systemMessages = new HashMap<>();
    private final KnownSecrets secrets;
    private final boolean masksTexts;

    CardWriter(PipelineFile file, boolean masksTexts) {
        this.tasks = file.tasks();
        this.tasksVersion = tasks.version();
        this.secrets = KnownSecrets.of(file.pipeline());
        this.masksTexts = masksTexts;
        // A model server is told of one task only.
        boolean remote = file.pipeline().model().remote() != null;
        for (Task task : tasks.tasks()) {
            systemMessages.put(task.name(), (remote ? TaskSet.of(task) : tasks).systemMessage());
        }
    }

    /** The part of the prompt that all records share, by task. */
    ObjectNode systemMessages() {
        ObjectNode messages = JsonNodeFactory.instance.objectNode();
        systemMessages.forEach((task, message) -> messages.put(task, secrets.hide(message)));
        return messages;
    }

    ObjectNode card(Seen seen) {
        Excerpt excerpt = new Excerpt(secrets);
        ObjectNode card = JsonNodeFactory.instance.objectNode();
        card.put("origin", seen.record().origin().toString());
        card.put("millis", seen.record().timestampMillis());
        if (seen.record().key() != null) {
            card.put("key", text(excerpt, new String(seen.record().key(), StandardCharsets.UTF_8)));
        }
        seen.letter().ifPresent(letter -> putFailure(card, letter, excerpt));
        seen.problem().ifPresent(problem -> card.put("problem", text(excerpt, problem)));
        seen.fields().ifPresent(fields -> putFields(card, fields, excerpt));
        seen.text().ifPresent(text -> putPrompts(card, text(excerpt, text), excerpt));
        if (seen.letter().isEmpty() && seen.fields().isEmpty() && seen.problem().isEmpty()) {
            card.put("deleted", true);
        }
        return card;
    }

    private void putFailure(ObjectNode card, ObjectNode letter, Excerpt excerpt) {
        ObjectNode failure = (ObjectNode) excerpt.value(letter);
        failure.put("message", text(excerpt, letter.path("message").asText()));
        card.set("failure", failure);
    }

    private void putFields(ObjectNode card, ObjectNode fields, Excerpt excerpt) {
        ObjectNode input = JsonNodeFactory.instance.objectNode();
        ArrayNode results = JsonNodeFactory.instance.arrayNode();
        boolean enriched = !card.has("failure");
        // In earlier versions a task of this name may have given free text.
        boolean known =
                fields.path(EnrichedSchema.PROVENANCE_FIELD)
                        .path("pipelineVersion")
                        .asText()
                        .equals(tasks.version());
        for (Task task : tasks.tasks()) {
            if (enriched && fields.has(task.name())) {
                boolean labels = known && (task instanceof Classify || task instanceof MultiLabel);
                JsonNode result = fields.remove(task.name());
                results.addObject()
                        .put("task", task.name())
                        .set("value", labels ? excerpt.value(result) : masked(result, excerpt));
            }
        }
        JsonNode provenance = enriched ? fields.remove(EnrichedSchema.PROVENANCE_FIELD) : null;
        fields.properties()
                .forEach(
                        it -> input.set(excerpt.text(it.getKey()), hidden(it.getValue(), excerpt)));
        card.set("input", input);
        if (enriched) {
            card.set("results", results);
        }
        if (provenance instanceof ObjectNode made) {
            card.set("provenance", excerpt.value(made));
            card.put("otherVersion", !made.path("pipelineVersion").asText().equals(tasksVersion));
        }
    }

    /** A result whose fields keep their names. */
    private JsonNode masked(JsonNode result, Excerpt excerpt) {
        if (!masksTexts || !result.isObject()) {
            return hidden(result, excerpt);
        }
        ObjectNode masked = JsonNodeFactory.instance.objectNode();
        result.properties()
                .forEach(
                        it ->
                                masked.set(
                                        excerpt.text(it.getKey()), hidden(it.getValue(), excerpt)));
        return masked;
    }

    private JsonNode hidden(JsonNode value, Excerpt excerpt) {
        if (!masksTexts || value.isNull()) {
            return excerpt.value(value);
        }
        return TextNode.valueOf(value.isTextual() ? text(excerpt, value.textValue()) : "▒▒▒");
    }

    private String text(Excerpt excerpt, String text) {
        return masksTexts ? "▒▒▒ (" + text.length() + " characters)" : excerpt.text(text);
    }

    private void putPrompts(ObjectNode card, String text, Excerpt excerpt) {
        ArrayNode prompts = card.putArray("prompts");
        for (Task task : tasks.tasks()) {
            String asked =
                    task instanceof RunningSummary running ? running.text(BEFORE, text) : text;
            List<String> pieces = tasks.prompt("", task, new Question(asked, "", OUTPUT)).user();
            prompts.addObject()
                    .put("task", task.name())
                    .put("user", excerpt.text(String.join("", pieces)));
        }
    }
}
