package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.InferenceEngine;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The bundled model on messages that it was not trained on, with the example's pipeline. */
class BundledModelTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MESSAGES = 40;

    /** Of those, with what two backends' rounding may change; {@code model/README.md} has more. */
    private static final int LEAST_CLASSES = 36;

    private static final int LEAST_WITH_ALL_FIELDS = 28;

    /** Messages of all lengths whose class and six fields are exactly as they should be. */
    private static final List<Integer> EXACT = List.of(3, 5, 9, 12, 16, 20, 30, 31);

    private record Read(JsonNode gold, String intent, JsonNode fields) {

        boolean classIsRight() {
            return intent.equals(gold.get("intent").asText());
        }

        boolean fieldsAreRight() {
            return gold.get("fields").propertyStream().allMatch(it -> isRight(it.getKey()));
        }

        private boolean isRight(String field) {
            JsonNode wanted = gold.get("fields").get(field);
            JsonNode found = fields.get(field);
            boolean numbers = wanted.isNumber() && found.isNumber();
            return numbers ? wanted.asDouble() == found.asDouble() : wanted.equals(found);
        }
    }

    @Test
    void readsMessagesAndTheSameInAnyBatch() throws Exception {
        PipelineFile file = PipelineFile.read(Path.of("../examples/customer-messages.yaml"));
        TaskSet tasks = file.tasks();
        List<Read> all = new ArrayList<>();
        try (InferenceEngine engine = EnrichmentJob.engine(file).open()) {
            TaskAsker asker = new TaskAsker(engine, tasks);
            List<JsonNode> rows = new ArrayList<>();
            List<CompletableFuture<TaskAsker.Answer>> intents = new ArrayList<>();
            List<CompletableFuture<TaskAsker.Answer>> fields = new ArrayList<>();
            for (String line : lines()) {
                JsonNode row = JSON.readTree(line);
                rows.add(row);
                intents.add(asker.ask(tasks.tasks().get(0), row.get("text").asText()));
                fields.add(asker.ask(tasks.tasks().get(1), row.get("text").asText()));
            }
            for (int i = 0; i < rows.size(); i++) {
                String json = ((TaskResult.Extracted) result(fields.get(i))).json();
                all.add(new Read(rows.get(i), label(intents.get(i)), JSON.readTree(json)));
            }
            String text = rows.get(0).get("text").asText();
            assertThat(label(asker.ask(tasks.tasks().get(0), text))).isEqualTo(all.get(0).intent());
        }
        for (int message : EXACT) {
            Read read = all.get(message);
            assertThat(read.classIsRight()).as(read.toString()).isTrue();
            assertThat(read.fieldsAreRight()).as(read.toString()).isTrue();
        }
        assertThat(all.stream().filter(Read::classIsRight).count())
                .isGreaterThanOrEqualTo(LEAST_CLASSES);
        assertThat(all.stream().filter(Read::fieldsAreRight).count())
                .isGreaterThanOrEqualTo(LEAST_WITH_ALL_FIELDS);
    }

    private static TaskResult result(CompletableFuture<TaskAsker.Answer> answer) {
        return answer.join().result().orElseThrow();
    }

    private static String label(CompletableFuture<TaskAsker.Answer> answer) {
        return ((TaskResult.Classified) result(answer)).label();
    }

    private static List<String> lines() throws Exception {
        return Files.readAllLines(Path.of("../model/messages-heldout.jsonl")).subList(0, MESSAGES);
    }
}
