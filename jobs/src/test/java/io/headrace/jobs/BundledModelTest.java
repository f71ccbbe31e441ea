package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.InferenceEngine;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.task.Task;
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

    private static final int MESSAGES = 40;

    /** A random choice among the 13 intents gets 3 of the messages right. */
    private static final int LEAST_RIGHT = 18;

    @Test
    void classifiesGeneratedMessagesFarBetterThanByChanceAndTheSameInAnyBatch() throws Exception {
        PipelineFile file = PipelineFile.read(Path.of("../examples/customer-messages.yaml"));
        TaskSet tasks = file.tasks();
        Task intent = tasks.tasks().get(0);
        List<String> lines =
                Files.readAllLines(Path.of("../model/messages-heldout.jsonl")).subList(0, MESSAGES);
        int right = 0;
        try (InferenceEngine engine = EnrichmentJob.engine(file).open()) {
            TaskAsker asker = new TaskAsker(engine, tasks);
            List<CompletableFuture<TaskAsker.Answer>> answers = new ArrayList<>();
            List<JsonNode> rows = new ArrayList<>();
            for (String line : lines) {
                rows.add(new ObjectMapper().readTree(line));
                answers.add(asker.ask(intent, rows.get(rows.size() - 1).get("text").asText()));
            }
            for (int i = 0; i < rows.size(); i++) {
                TaskResult.Classified result =
                        (TaskResult.Classified) answers.get(i).join().result().orElseThrow();
                right += result.label().equals(rows.get(i).get("intent").asText()) ? 1 : 0;
            }
            TaskResult.Classified alone =
                    (TaskResult.Classified)
                            asker.ask(intent, rows.get(0).get("text").asText())
                                    .join()
                                    .result()
                                    .orElseThrow();
            TaskResult.Classified batched =
                    (TaskResult.Classified) answers.get(0).join().result().orElseThrow();
            assertThat(alone.label()).isEqualTo(batched.label());
        }
        assertThat(right).isGreaterThanOrEqualTo(LEAST_RIGHT);
    }
}
