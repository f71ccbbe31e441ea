package io.headrace.jobs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.connectors.NearestName;
import io.headrace.inference.InferenceEngine;
import io.headrace.jobs.EnrichmentJob;
import io.headrace.jobs.eval.CascadeEvaluation;
import io.headrace.jobs.eval.Evaluation;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.jobs.pipeline.PipelineFileException;
import io.headrace.jobs.pipeline.Source;
import io.headrace.jobs.report.ReportPage;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace eval}. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = "Measures a task of a pipeline on labelled JSON lines; no Kafka.")
final class EvalCommand implements Callable<Integer> {

    private static final int SHOWN_CONFUSIONS = 10;

    @Parameters(paramLabel = "FILE", description = "The pipeline file.")
    private Path file;

    @Option(names = "--task", required = true, description = "Name of the task to measure.")
    private String taskName;

    @Option(names = "--input", required = true, description = "Labelled rows, as JSON lines.")
    private Path input;

    @Option(
            names = "--text",
            description = "Field with the text; without, the pipeline's template is filled in.")
    private String text;

    @Option(
            names = "--label",
            description =
                    "Field with the gold label, object of fields, or summary; without, an"
                            + " extraction is compared with the row itself.")
    private String label;

    @Option(names = "--limit", description = "The most rows to take.")
    private int limit;

    @Option(names = "--confusion", description = "Draws the confusion table: a .png or .svg file.")
    private Path confusion;

    @Option(names = "--calibration", description = "Draws the calibration: a .png or .svg file.")
    private Path calibration;

    @Option(
            names = "--cascade",
            description =
                    "Asks the second model of the task's cascade about every row too, and prints"
                            + " accuracy and cost over thresholds.")
    private boolean cascade;

    @Option(
            names = "--accuracy",
            description = "With --cascade: chooses the lowest threshold with this accuracy.")
    private Double accuracy;

    @Option(
            names = "--curve",
            description = "With --cascade: draws the curve: a .png or .svg file.")
    private Path curve;

    @Option(names = "--report", description = "Writes a report with charts: an HTML file.")
    private Path report;

    @Option(names = "--json", description = "Prints the figures as one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        PipelineFile pipeline = PipelineFile.read(file);
        TaskSet tasks = pipeline.tasks();
        Task task = task(tasks);
        Evaluation.Request request =
                new Evaluation.Request(
                        task,
                        input,
                        Optional.ofNullable(text),
                        Optional.ofNullable(pipeline.pipeline().source()).map(Source::text),
                        Optional.ofNullable(label),
                        limit);
        if (cascade) {
            return cascade(pipeline, tasks, new CascadeEvaluation(request));
        }
        Evaluation evaluation = new Evaluation(request);
        Terminal terminal = new Terminal(json);
        PrintStream person = terminal.person();
        ProgressBar bar =
                new ProgressBar(
                        person, terminal.interactive(), evaluation.rows(), System::nanoTime);
        try (InferenceEngine engine = EnrichmentJob.engine(pipeline).open()) {
            ObjectNode figures = evaluation.run(engine, tasks, bar::show);
            bar.end();
            if (json) {
                terminal.print(figures);
            } else {
                show(person, figures);
                evaluation
                        .confusions(SHOWN_CONFUSIONS)
                        .forEach(line -> person.println("  " + line));
            }
            if (report != null) {
                ReportPage.write(
                        evaluation.toReport(
                                file + ", " + pipeline.modelPath().getFileName() + ", " + input,
                                figures),
                        report);
                person.println("Report: " + report.toAbsolutePath());
            }
        }
        if (task instanceof Classify) {
            Optional.ofNullable(confusion).ifPresent(evaluation::plotConfusion);
            Optional.ofNullable(calibration).ifPresent(evaluation::plotCalibration);
        }
        return 0;
    }

    private int cascade(PipelineFile pipeline, TaskSet tasks, CascadeEvaluation evaluation) {
        Terminal terminal = new Terminal(json);
        OptionalDouble target =
                accuracy == null ? OptionalDouble.empty() : OptionalDouble.of(accuracy);
        evaluation.run(EnrichmentJob.engine(pipeline), tasks, done -> progress(terminal, done));
        if (json) {
            terminal.print(evaluation.report(target));
        } else {
            terminal.person().println();
            evaluation.show(terminal.person(), target);
        }
        Optional.ofNullable(curve).ifPresent(evaluation::plot);
        return 0;
    }

    private static void progress(Terminal terminal, int done) {
        if (done % 100 == 0 && terminal.interactive()) {
            terminal.person().printf("\r%d rows", done);
            terminal.person().flush();
        }
    }

    private Task task(TaskSet tasks) {
        List<String> names = tasks.tasks().stream().map(Task::name).toList();
        return tasks.tasks().stream()
                .filter(task -> task.name().equals(taskName))
                .findFirst()
                .orElseThrow(
                        () ->
                                new PipelineFileException(
                                        file
                                                + " has no task '"
                                                + taskName
                                                + "'; "
                                                + NearestName.of(taskName, names)
                                                        .map(n -> "did you mean '" + n + "'? ")
                                                        .orElse("")
                                                + "tasks: "
                                                + String.join(", ", names)));
    }

    private static void show(PrintStream out, ObjectNode report) {
        report.properties()
                .forEach(
                        entry -> {
                            JsonNode value = entry.getValue();
                            if (value.isObject()) {
                                out.println(entry.getKey() + ":");
                                value.properties()
                                        .forEach(
                                                inner ->
                                                        out.printf(
                                                                "  %-20s %s%n",
                                                                inner.getKey(), inner.getValue()));
                            } else {
                                out.printf("%-26s %s%n", entry.getKey(), value.asText());
                            }
                        });
    }
}
