package io.headrace.jobs.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.jobs.Quantiles;
import io.headrace.jobs.TextTemplate;
import io.headrace.jobs.report.Breakdown;
import io.headrace.jobs.report.RunReport;
import io.headrace.jobs.report.Throughput;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.Extract;
import io.headrace.operators.task.Label;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.apache.avro.Schema;

/** Measures one task of a pipeline on labelled rows. Used by one thread. */
public final class Evaluation {

    /**
     * What is measured.
     *
     * @param task the task
     * @param input JSON lines
     * @param text field with the text; when empty, the pipeline's template is filled in
     * @param template the pipeline's template, if it has one
     * @param label field with the gold label, object or summary; for extraction, when empty, the
     *     row itself holds the gold fields
     * @param limit the most rows to take; 0 takes all
     */
    public record Request(
            Task task,
            Path input,
            Optional<String> text,
            Optional<String> template,
            Optional<String> label,
            int limit) {}

    private static final int IN_FLIGHT = 256;

    private final Request request;
    private final LabelledRows rows;
    private final ObjectMapper json = new ObjectMapper();
    private final ClassificationScore classification = new ClassificationScore();
    private final ExtractionScore extraction = new ExtractionScore();
    private double rougeL;
    private int abstained;
    private int failures;
    private String firstFailure = "";
    private final Breakdown breakdown = new Breakdown();
    private final Quantiles latencies = new Quantiles();
    private final Throughput throughput = new Throughput(System::nanoTime);

    public Evaluation(Request request) {
        this.request = request;
        this.rows = LabelledRows.read(request.input());
        if (request.label().isEmpty() && !(request.task() instanceof Extract)) {
            throw new EvalException("name the field with the gold value: --label FIELD");
        }
    }

    /** How many rows are measured. */
    public int rows() {
        return request.limit() > 0 ? Math.min(request.limit(), rows.size()) : rows.size();
    }

    /** Asks about every row, many at a time, and counts the answers. */
    public ObjectNode run(InferenceEngine engine, TaskSet tasks, IntConsumer progress) {
        TaskAsker asker = new TaskAsker(engine, tasks);
        Optional<TextTemplate> template = request.template().map(TextTemplate::parse);
        ArrayDeque<CompletableFuture<TaskAsker.Answer>> open = new ArrayDeque<>();
        long start = System.nanoTime();
        int done = 0;
        throughput.total(0);
        for (int i = 0; i < rows(); i++) {
            if (open.size() == IN_FLIGHT) {
                score(done++, open.poll().join());
                progress.accept(done);
            }
            open.add(asker.ask(request.task(), text(i, template)));
        }
        while (!open.isEmpty()) {
            score(done++, open.poll().join());
            progress.accept(done);
        }
        return report(System.nanoTime() - start);
    }

    String text(int index, Optional<TextTemplate> template) {
        if (request.text().isPresent()) {
            return rows.field(index, request.text().get()).asText();
        }
        if (template.isEmpty()) {
            throw new EvalException(
                    "name the field with the text, --text FIELD, or give the pipeline a"
                            + " source.text template");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        rows.row(index)
                .properties()
                .forEach(
                        entry ->
                                fields.put(
                                        entry.getKey(),
                                        json.convertValue(entry.getValue(), Object.class)));
        return template.get().render(fields);
    }

    private void score(int index, TaskAsker.Answer answer) {
        throughput.total(index + 1L);
        Usage usage =
                answer.answers().stream()
                        .map(InferenceResult.Completed::usage)
                        .reduce(Usage.NONE, Usage::with);
        latencies.add(TimeUnit.NANOSECONDS.toMillis(usage.queueNanos() + usage.computeNanos()));
        answer.result().ifPresent(result -> breakdown.result(request.task().name(), result));
        answer.failure()
                .ifPresent(
                        failure -> {
                            failures++;
                            breakdown.failure(failure.errorClass(), 1);
                            firstFailure =
                                    firstFailure.isEmpty() ? failure.message() : firstFailure;
                        });
        Task task = request.task();
        if (task instanceof Classify classify) {
            scoreLabel(gold(classify, index), answer.result());
        } else if (task instanceof Extract extract) {
            scoreFields(index, extract, answer.result());
        } else {
            String predicted =
                    answer.result().map(r -> ((TaskResult.Summarized) r).text()).orElse("");
            rougeL += RougeL.of(rows.field(index, request.label().get()).asText(), predicted);
        }
    }

    String gold(Classify classify, int index) {
        return goldLabel(classify, rows.field(index, request.label().get()).asText());
    }

    /** Gold labels may be written with spaces where the pipeline has underscores. */
    private static String goldLabel(Classify classify, String written) {
        return classify.labels().stream()
                .map(Label::name)
                .filter(name -> name.equals(written) || spaced(name).equals(spaced(written)))
                .findFirst()
                .orElse(written);
    }

    private static String spaced(String label) {
        return label.replace('_', ' ');
    }

    private void scoreLabel(String gold, Optional<TaskResult> result) {
        if (result.isEmpty()) {
            classification.add(gold, "", 0);
            return;
        }
        TaskResult.Classified classified = (TaskResult.Classified) result.get();
        if (classified.abstained()) {
            abstained++;
            classification.add(gold, "", 0);
        } else {
            classification.add(gold, classified.label(), classified.probability());
        }
    }

    private void scoreFields(int index, Extract extract, Optional<TaskResult> result) {
        JsonNode gold =
                request.label().map(name -> rows.field(index, name)).orElse(rows.row(index));
        JsonNode predicted = JsonNodeFactory.instance.objectNode();
        if (result.isPresent()) {
            try {
                predicted = json.readTree(((TaskResult.Extracted) result.get()).json());
            } catch (JsonProcessingException e) {
                throw new EvalException("the engine gave no JSON: " + e.getOriginalMessage());
            }
        }
        extraction.add(
                gold,
                predicted,
                extract.schema().getFields().stream().map(Schema.Field::name).toList());
    }

    private ObjectNode report(long nanos) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("task", request.task().name());
        report.put("rows", rows());
        if (request.task() instanceof Classify) {
            report.put("accuracy", round(classification.accuracy()));
            report.put("macroF1", round(classification.macroF1()));
            double calibrationError = classification.expectedCalibrationError();
            if (!Double.isNaN(calibrationError)) {
                report.put("expectedCalibrationError", round(calibrationError));
            }
            report.put("abstained", abstained);
        } else if (request.task() instanceof Extract) {
            ObjectNode fields = report.putObject("fields");
            extraction
                    .fields()
                    .forEach(
                            (name, score) ->
                                    fields.putObject(name)
                                            .put("precision", round(score.precision()))
                                            .put("recall", round(score.recall()))
                                            .put("f1", round(score.f1())));
            report.put("microF1", round(extraction.microF1()));
            report.put("exactRows", round(extraction.exactRows()));
        } else {
            report.put("rougeL", round(rougeL / rows()));
        }
        report.put("failures", failures);
        if (!firstFailure.isEmpty()) {
            report.put("firstFailure", firstFailure);
        }
        report.put("durationMillis", TimeUnit.NANOSECONDS.toMillis(nanos));
        report.put("recordsPerSecond", round(rows() * 1e9 / nanos));
        return report;
    }

    private static double round(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }

    /**
     * What a report shows.
     *
     * @param figures what {@link #run} returned
     */
    public RunReport toReport(String subtitle, ObjectNode figures) {
        Map<String, String> shown = new LinkedHashMap<>();
        figures.properties().stream()
                .filter(entry -> entry.getValue().isNumber())
                .forEach(entry -> shown.put(entry.getKey(), entry.getValue().asText()));
        return new RunReport(
                "Headrace evaluation of " + request.task().name(),
                subtitle,
                shown,
                throughput.bySecond(),
                latencies.counts(),
                "Wait and computing in the engine, of a row among " + IN_FLIGHT + " at once.",
                breakdown.labels(),
                breakdown.confidence(),
                classification.calibration(),
                breakdown.failures());
    }

    /** The labels that were taken for another most often, most frequent first. */
    public List<String> confusions(int most) {
        return classification.confusion().entrySet().stream()
                .flatMap(
                        row ->
                                row.getValue().entrySet().stream()
                                        .filter(cell -> !cell.getKey().equals(row.getKey()))
                                        .map(cell -> new Confusion(row.getKey(), cell)))
                .sorted((a, b) -> Integer.compare(b.count(), a.count()))
                .limit(most)
                .map(Confusion::toString)
                .toList();
    }

    /** Draws the confusion table. */
    public void plotConfusion(Path file) {
        Plots.confusion(classification, file);
    }

    /** Draws accuracy over probability. */
    public void plotCalibration(Path file) {
        Plots.calibration(classification, file);
    }

    private record Confusion(String gold, String predicted, int count) {
        Confusion(String gold, Map.Entry<String, Integer> cell) {
            this(gold, cell.getKey(), cell.getValue());
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%4d × %s taken for %s",
                    count,
                    gold,
                    predicted.isEmpty() ? "(no answer)" : predicted);
        }
    }
}
