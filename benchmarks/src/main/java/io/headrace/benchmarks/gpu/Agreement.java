package io.headrace.benchmarks.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.Backend;
import io.headrace.inference.Device;
import io.headrace.inference.InferenceEngine;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.LocalEngineProvider;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Whether the bundled model says the same of generated messages on a device as on the processor.
 *
 * @param report figures, and the answers that differ
 */
record Agreement(ObjectNode report) {

    private static final String CLASSES = "sameClasses";
    private static final String FIELDS = "sameFields";

    static Agreement measure(Path home, Device device, int messages) throws IOException {
        TaskSet tasks = PipelineFile.read(home.resolve("examples/customer-messages.yaml")).tasks();
        List<String> texts = texts(home.resolve("model/messages-heldout.jsonl"), messages);
        String model = home.resolve("model/headrace-small.gguf").toString();
        List<Map<String, String>> expected = answers(model, Device.CPU, tasks, texts);
        List<Map<String, String>> actual = answers(model, device, tasks, texts);
        int classes = 0;
        int fields = 0;
        ArrayNode differences = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < texts.size(); i++) {
            Map<String, String> cpu = expected.get(i);
            Map<String, String> gpu = actual.get(i);
            classes += cpu.get(CLASSES).equals(gpu.get(CLASSES)) ? 1 : 0;
            fields += cpu.get(FIELDS).equals(gpu.get(FIELDS)) ? 1 : 0;
            if (!cpu.equals(gpu)) {
                differences.addObject().put("cpu", cpu.toString()).put("device", gpu.toString());
            }
        }
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("messages", texts.size());
        report.put(CLASSES, classes);
        report.put(FIELDS, fields);
        report.set("differences", differences);
        return new Agreement(report);
    }

    boolean isWhole() {
        int messages = report.get("messages").asInt();
        return report.get(CLASSES).asInt() == messages && report.get(FIELDS).asInt() == messages;
    }

    private static List<String> texts(Path file, int most) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<String> texts = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file)) {
            for (String line : lines.limit(most).toList()) {
                JsonNode row = json.readTree(line);
                texts.add(row.get("text").asText());
            }
        }
        return texts;
    }

    /** The class and the fields of each text, named as in the report. */
    private static List<Map<String, String>> answers(
            String model, Device device, TaskSet tasks, List<String> texts) {
        LocalEngineProvider provider =
                new LocalEngineProvider(
                        model, 2048, 0, 0, Map.of(), false, Backend.LLAMA_CPP, 0, device);
        try (InferenceEngine engine = provider.open()) {
            TaskAsker asker = new TaskAsker(engine, tasks);
            List<Map<String, CompletableFuture<TaskAsker.Answer>>> asked = new ArrayList<>();
            for (String text : texts) {
                Map<String, CompletableFuture<TaskAsker.Answer>> each = new LinkedHashMap<>();
                for (Task task : tasks.tasks()) {
                    if (task instanceof Classify) {
                        each.put(CLASSES, asker.ask(task, text));
                    } else if (task instanceof Extract) {
                        each.put(FIELDS, asker.ask(task, text));
                    }
                }
                asked.add(each);
            }
            return asked.stream().map(Agreement::plain).toList();
        }
    }

    private static Map<String, String> plain(
            Map<String, CompletableFuture<TaskAsker.Answer>> asked) {
        Map<String, String> plain = new LinkedHashMap<>();
        asked.forEach((kind, answer) -> plain.put(kind, text(answer.join())));
        return plain;
    }

    private static String text(TaskAsker.Answer answer) {
        TaskResult result = answer.result().orElse(null);
        if (result instanceof TaskResult.Classified classified) {
            return classified.label();
        }
        if (result instanceof TaskResult.Extracted extracted) {
            return extracted.json();
        }
        return "failed: " + answer.failure();
    }
}
