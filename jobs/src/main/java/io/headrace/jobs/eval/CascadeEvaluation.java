package io.headrace.jobs.eval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.jobs.TextTemplate;
import io.headrace.operators.Cascade;
import io.headrace.operators.EngineProvider;
import io.headrace.operators.EngineUse;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.TaskEngines;
import io.headrace.operators.task.Classify;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * Measures the cascade of a classification on labelled rows: both models answer every row, with the
 * prompts of the job, and the curve says what each threshold would give. Used by one thread.
 */
public final class CascadeEvaluation {

    private static final int IN_FLIGHT = 256;
    private static final int SHOWN_STEP = 5;

    private final Evaluation.Request request;
    private final Evaluation rows;
    private final Classify task;
    private final CascadeCurve curve = new CascadeCurve();
    private int failures;
    private String firstFailure = "";
    private double fileThreshold;

    public CascadeEvaluation(Evaluation.Request request) {
        this.request = request;
        this.rows = new Evaluation(request);
        if (!(request.task() instanceof Classify classify)) {
            throw new EvalException(
                    "a curve needs a task that chooses one label; '"
                            + request.task().name()
                            + "' does not");
        }
        this.task = classify;
    }

    /** Asks both models about every row. */
    public void run(EngineProvider provider, TaskSet tasks, IntConsumer progress) {
        Cascade cascade = provider.use().cascades().get(task.name());
        if (cascade == null) {
            throw new EvalException(
                    "task '"
                            + task.name()
                            + "' has no cascade; give it one in the file, for instance"
                            + " 'cascade: { below: 0.8, model: NAME }' with a model of 'models'");
        }
        fileThreshold = cascade.below();
        EngineProvider always =
                new EngineUse(
                                Map.of(task.name(), cascade.always()),
                                provider.use().referencePrices())
                        .of(provider);
        try (TaskEngines engines = TaskEngines.open(always, tasks)) {
            ask(new TaskAsker(engines), progress);
        }
    }

    private void ask(TaskAsker asker, IntConsumer progress) {
        Optional<TextTemplate> template = request.template().map(TextTemplate::parse);
        ArrayDeque<CompletableFuture<TaskAsker.Answer>> open = new ArrayDeque<>();
        int done = 0;
        for (int i = 0; i < rows.rows(); i++) {
            if (open.size() == IN_FLIGHT) {
                add(done++, open.poll().join());
                progress.accept(done);
            }
            open.add(asker.ask(task, rows.text(i, template)));
        }
        while (!open.isEmpty()) {
            add(done++, open.poll().join());
            progress.accept(done);
        }
    }

    private void add(int index, TaskAsker.Answer answer) {
        String gold = rows.gold(task, index);
        answer.failure()
                .ifPresent(
                        failure -> {
                            failures++;
                            firstFailure =
                                    firstFailure.isEmpty() ? failure.message() : firstFailure;
                        });
        Usage all = Usage.NONE;
        for (InferenceResult.Completed each : answer.answers()) {
            all = all.with(each.usage());
        }
        Optional<TaskAsker.Doubted> first = answer.doubted();
        Usage firstUsage = first.map(TaskAsker.Doubted::usage).orElse(Usage.NONE);
        curve.add(
                new CascadeCurve.Row(
                        first.map(TaskAsker.Doubted::confidence).orElse(Double.NaN),
                        first.map(doubted -> right(gold, doubted.result())).orElse(false),
                        answer.result().map(result -> right(gold, result)).orElse(false),
                        firstUsage.costNanos(),
                        all.costNanos() - firstUsage.costNanos(),
                        tokens(all) - tokens(firstUsage)));
    }

    private static long tokens(Usage usage) {
        return (long) usage.promptTokens() + usage.outputTokens();
    }

    private static boolean right(String gold, TaskResult result) {
        TaskResult.Classified classified = (TaskResult.Classified) result;
        return !classified.abstained() && classified.label().equals(gold);
    }

    private CascadeCurve.Point chosen(OptionalDouble accuracy) {
        return accuracy.isPresent() ? curve.choose(accuracy.getAsDouble()) : curve.best();
    }

    /**
     * All figures.
     *
     * @param accuracy what the chosen threshold shall reach; empty for the best there is
     */
    public ObjectNode report(OptionalDouble accuracy) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("task", task.name());
        report.put("rows", rows.rows());
        report.put("failures", failures);
        if (!firstFailure.isEmpty()) {
            report.put("firstFailure", firstFailure);
        }
        report.set("chosen", node(chosen(accuracy)));
        report.set("file", node(curve.at(fileThreshold)));
        ArrayNode thresholds = report.putArray("thresholds");
        curve.points().forEach(point -> thresholds.add(node(point)));
        return report;
    }

    private static ObjectNode node(CascadeCurve.Point point) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("below", point.below())
                .put("askedAgain", point.askedAgain())
                .put("accuracy", point.accuracy())
                .put("costPerThousand", point.costPerThousand())
                .put("secondTokensPerRow", point.secondTokensPerRow());
    }

    /** The curve as a table. */
    public void show(PrintStream out, OptionalDouble accuracy) {
        out.printf("%d rows, %d failures %s%n%n", rows.rows(), failures, firstFailure);
        out.println("below   asked again   accuracy   cost per 1000   second tokens per row");
        List<CascadeCurve.Point> points = curve.points();
        for (int i = 0; i < points.size(); i += SHOWN_STEP) {
            line(out, points.get(i));
        }
        out.println();
        CascadeCurve.Point chosen = chosen(accuracy);
        if (accuracy.isPresent() && chosen.accuracy() < accuracy.getAsDouble()) {
            out.printf(
                    Locale.ROOT,
                    "No threshold reaches an accuracy of %.4f; the best is%n",
                    accuracy.getAsDouble());
        } else {
            out.printf(
                    "The lowest threshold with %s is%n",
                    accuracy.isPresent() ? "that accuracy" : "the best accuracy");
        }
        line(out, chosen);
    }

    private static void line(PrintStream out, CascadeCurve.Point point) {
        out.printf(
                Locale.ROOT,
                "%5.2f   %9.1f %%   %8.4f   %13.4f   %21.1f%n",
                point.below(),
                100 * point.askedAgain(),
                point.accuracy(),
                point.costPerThousand(),
                point.secondTokensPerRow());
    }

    /** Draws the curve. */
    public void plot(Path file) {
        Plots.cascade(curve.points(), file);
    }
}
