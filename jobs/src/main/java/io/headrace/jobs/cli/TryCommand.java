package io.headrace.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.inference.Sampling;
import io.headrace.inference.Usage;
import io.headrace.jobs.EnrichmentJob;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.TaskEngines;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace try}. */
@Command(
        name = "try",
        mixinStandardHelpOptions = true,
        description = "Shows prompt, results, probabilities and timings for one text; no Kafka.")
final class TryCommand implements Callable<Integer> {

    /** The prompt shows the text, not what is to come out. */
    private static final Output OUTPUT = new Output.Text(1, List.of(), Sampling.GREEDY);

    private static final int SHOWN_LABELS = 5;

    @Parameters(paramLabel = "FILE", description = "The pipeline file.")
    private Path file;

    @Option(names = "--text", required = true, description = "The text.")
    private String text;

    @Option(names = "--json", description = "Prints the results as one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        PipelineFile pipeline = PipelineFile.read(file);
        TaskSet tasks = pipeline.tasks();
        Terminal terminal = new Terminal(json);
        try (TaskEngines engines = TaskEngines.open(EnrichmentJob.engine(pipeline), tasks)) {
            TaskAsker asker = new TaskAsker(engines);
            long start = System.nanoTime();
            Map<Task, CompletableFuture<TaskAsker.Answer>> asked = new LinkedHashMap<>();
            for (Task task : tasks.tasks()) {
                asked.put(task, asker.ask(task, text));
            }
            Map<Task, TaskAsker.Answer> answers = new LinkedHashMap<>();
            asked.forEach((task, answer) -> answers.put(task, answer.join()));
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            ObjectNode report = report(tasks, answers, millis);
            if (json) {
                terminal.print(report);
            } else {
                show(terminal.person(), report, answers);
            }
            return answers.values().stream().allMatch(a -> a.failure().isEmpty()) ? 0 : 1;
        }
    }

    private ObjectNode report(TaskSet tasks, Map<Task, TaskAsker.Answer> answers, long millis)
            throws Exception {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        ObjectNode results = report.putObject("results");
        int tokensIn = 0;
        int tokensOut = 0;
        for (Map.Entry<Task, TaskAsker.Answer> entry : answers.entrySet()) {
            TaskAsker.Answer answer = entry.getValue();
            String name = entry.getKey().name();
            if (answer.failure().isPresent()) {
                results.putObject(name).put("failure", answer.failure().get().message());
            } else {
                put(results, entry.getKey(), answer);
            }
            for (InferenceResult.Completed completed : answer.answers()) {
                Usage usage = completed.usage();
                tokensIn += usage.promptTokens();
                tokensOut += usage.outputTokens();
            }
        }
        Task first = tasks.tasks().get(0);
        report.put(
                "prompt",
                tasks.systemMessage()
                        + "\n\n"
                        + String.join(
                                "",
                                tasks.prompt("", first, new Question(text, "", OUTPUT)).user()));
        report.put("tokensIn", tokensIn);
        report.put("tokensOut", tokensOut);
        report.put("millis", millis);
        return report;
    }

    private static void put(ObjectNode results, Task task, TaskAsker.Answer answer)
            throws Exception {
        TaskResult result = answer.result().orElseThrow();
        if (result instanceof TaskResult.Classified classified) {
            ObjectNode node = results.putObject(task.name());
            node.put("label", classified.abstained() ? null : classified.label());
            node.put("probability", number(classified.probability()));
            node.put("margin", number(classified.margin()));
            ObjectNode probabilities = node.putObject("probabilities");
            scores(task, answer).forEach((label, p) -> probabilities.put(label, number(p)));
        } else if (result instanceof TaskResult.Extracted extracted) {
            results.set(task.name(), new ObjectMapper().readTree(extracted.json()));
        } else if (result instanceof TaskResult.Summarized summarized) {
            results.put(task.name(), summarized.text());
        } else if (result instanceof TaskResult.MultiLabelled labelled) {
            ObjectNode node = results.putObject(task.name());
            labelled.labels()
                    .forEach(label -> node.put(label.label(), number(label.probability())));
        }
    }

    /** Null for what the model does not give. */
    private static Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }

    /** The probability of each label that was scored, or of the one that was chosen. */
    private static Map<String, Double> scores(Task task, TaskAsker.Answer answer) {
        Map<String, Double> scores = new LinkedHashMap<>();
        InferenceResult.Completed last = answer.answers().get(answer.answers().size() - 1);
        if (last instanceof InferenceResult.Scores all) {
            List<Double> probabilities = all.probabilities();
            for (int i = 0; i < probabilities.size(); i++) {
                scores.put(((Classify) task).choices().get(i).name(), probabilities.get(i));
            }
        } else if (last instanceof InferenceResult.Chosen chosen) {
            scores.put(
                    ((Classify) task).choices().get(chosen.label()).name(), chosen.probability());
        }
        return scores;
    }

    private static void show(
            PrintStream out, ObjectNode report, Map<Task, TaskAsker.Answer> answers) {
        out.println(report.get("prompt").asText());
        out.println();
        answers.forEach(
                (task, answer) -> {
                    if (answer.failure().isPresent()) {
                        out.println(task.name() + ": failed: " + answer.failure().get().message());
                    } else if (task instanceof Classify) {
                        out.println(task.name() + ":");
                        showScores(out, scores(task, answer));
                    } else {
                        out.println(task.name() + ": " + report.get("results").get(task.name()));
                    }
                });
        out.printf(
                "%n%d tokens in, %d tokens out, %d ms%n",
                report.get("tokensIn").asInt(),
                report.get("tokensOut").asInt(),
                report.get("millis").asLong());
    }

    private static void showScores(PrintStream out, Map<String, Double> byLabel) {
        byLabel.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(SHOWN_LABELS)
                .forEach(
                        entry ->
                                out.printf(
                                        Locale.ROOT,
                                        entry.getValue().isNaN()
                                                ? "       ?    %2$s%n"
                                                : "  %6.2f %%  %s%n",
                                        100 * entry.getValue(),
                                        entry.getKey()));
    }
}
