package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.inference.Backend;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.cpu.OwnEngine;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.LocalEngineProvider;
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
import org.junit.jupiter.api.Timeout;

/**
 * The bundled model with the example's pipeline on headrace's own CPU engine and on llama.cpp: all
 * 400 messages with {@code -Pfaults}, otherwise the first.
 *
 * <p>Both round activations to 8 bits, each in its own way and about equally far from floats, so
 * that where two answers are as good as equal to the model, each may choose the other one. Measured
 * on 400 messages: all classes and 99.25 % of outputs are equal.
 */
@Timeout(600)
class BackendAgreementITCase {

    private static final boolean LONG = Boolean.getBoolean("headrace.faults");
    private static final int MESSAGES = LONG ? 400 : 40;

    /** Of a few, a single one may differ. */
    private static final double EQUAL_CLASSES = LONG ? 0.995 : 0.97;

    private static final double EQUAL_OUTPUTS = LONG ? 0.99 : 0.95;

    @Test
    void nearlyAllClassesAndGreedyOutputsAreThoseOfLlamaCpp() throws Exception {
        OwnEngine.assumePresent();
        PipelineFile file = PipelineFile.read(Path.of("../examples/customer-messages.yaml"));
        List<List<TaskResult>> ours = results(file, Backend.HEADRACE);
        List<List<TaskResult>> theirs = results(file, Backend.LLAMA_CPP);
        int equalClasses = 0;
        int classes = 0;
        int equalOutputs = 0;
        int outputs = 0;
        for (int message = 0; message < ours.size(); message++) {
            for (int task = 0; task < ours.get(message).size(); task++) {
                TaskResult left = ours.get(message).get(task);
                TaskResult right = theirs.get(message).get(task);
                if (left instanceof TaskResult.Classified classified) {
                    classes++;
                    String other = ((TaskResult.Classified) right).label();
                    equalClasses += classified.label().equals(other) ? 1 : 0;
                } else {
                    outputs++;
                    equalOutputs += left.equals(right) ? 1 : 0;
                }
            }
        }
        String counts =
                "%d of %d classes, %d of %d outputs"
                        .formatted(equalClasses, classes, equalOutputs, outputs);
        System.out.println("equal on both engines: " + counts);
        assertThat(classes).isEqualTo(MESSAGES);
        assertThat(outputs).isEqualTo(2 * MESSAGES);
        assertThat((double) equalClasses / classes)
                .as(counts)
                .isGreaterThanOrEqualTo(EQUAL_CLASSES);
        assertThat((double) equalOutputs / outputs)
                .as(counts)
                .isGreaterThanOrEqualTo(EQUAL_OUTPUTS);
    }

    private static List<List<TaskResult>> results(PipelineFile file, Backend backend)
            throws Exception {
        TaskSet tasks = file.tasks();
        List<List<CompletableFuture<TaskAsker.Answer>>> answers = new ArrayList<>();
        try (InferenceEngine engine = Engines.open(options(file).withBackend(backend))) {
            TaskAsker asker = new TaskAsker(engine, tasks);
            for (String text : texts()) {
                List<CompletableFuture<TaskAsker.Answer>> ofMessage = new ArrayList<>();
                for (Task task : tasks.tasks()) {
                    ofMessage.add(asker.ask(task, text));
                }
                answers.add(ofMessage);
            }
            return answers.stream()
                    .map(each -> each.stream().map(BackendAgreementITCase::result).toList())
                    .toList();
        }
    }

    private static TaskResult result(CompletableFuture<TaskAsker.Answer> answer) {
        return answer.join().result().orElseThrow();
    }

    private static List<String> texts() throws Exception {
        List<String> texts = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("../model/messages-heldout.jsonl"))) {
            texts.add(new ObjectMapper().readTree(line).get("text").asText());
        }
        return texts.subList(0, MESSAGES);
    }

    private static EngineOptions options(PipelineFile file) {
        return ((LocalEngineProvider) EnrichmentJob.engine(file)).options();
    }
}
