package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.schemas.HeadraceSchemas;
import io.headrace.schemas.TaskField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.generic.GenericData;

/**
 * Finds the label that fits a record best, with its probability over all labels: the exact one
 * where the engine scores them, what a server tells of it where that chooses.
 *
 * <p>Labels may be paths, {@code parent/child}. A parent is as probable as its children together;
 * where no child reaches the threshold and a parent does, the parent is the result.
 *
 * @param name name of the task
 * @param instruction what the model is told
 * @param labels at least two, distinct as the model sees them
 * @param abstainBelow below this probability the result is null; 0 never abstains
 * @param noneOfThese whether the model may also say that no label fits, which makes the result null
 * @param temperature divides the labels' log-probabilities before they are normalised; above 1 for
 *     a model that is too sure of itself
 */
public record Classify(
        String name,
        String instruction,
        List<Label> labels,
        double abstainBelow,
        boolean noneOfThese,
        double temperature)
        implements Task {

    private static final char PATH = '/';

    public Classify {
        TaskNames.require(name);
        Objects.requireNonNull(instruction, "instruction");
        labels = List.copyOf(labels);
        if (labels.size() < 2) {
            throw new IllegalArgumentException(
                    "task '" + name + "' needs at least two labels to choose from");
        }
        if (!(abstainBelow >= 0 && abstainBelow <= 1)) {
            throw new IllegalArgumentException(
                    "task '" + name + "': abstainBelow must be from 0 to 1, not " + abstainBelow);
        }
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException(
                    "task '" + name + "': temperature must be above 0, not " + temperature);
        }
        Label.requireDistinct(name, noneOfThese ? withNone(labels) : labels);
    }

    /** Without a label for none of these, with probabilities as the model gives them. */
    public Classify(String name, String instruction, List<Label> labels, double abstainBelow) {
        this(name, instruction, labels, abstainBelow, false, 1);
    }

    /** With the default instruction. */
    public Classify(String name, List<Label> labels, double abstainBelow) {
        this(name, PromptTexts.classify(), labels, abstainBelow);
    }

    private static List<Label> withNone(List<Label> labels) {
        List<Label> all = new ArrayList<>(labels);
        all.add(Label.of(PromptTexts.noneOfThese()));
        return all;
    }

    /** The labels that the engine scores, in the order of its probabilities. */
    public List<Label> choices() {
        return noneOfThese ? withNone(labels) : labels;
    }

    @Override
    public String details() {
        return Label.lines(choices());
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        List<Label> choices = choices();
        if (answers.isEmpty()) {
            List<String> shown = choices.stream().map(Label::shown).toList();
            return new Step.Ask(
                    List.of(new Question(text, "", new Output.Labels(shown, temperature))));
        }
        if (answers.get(0) instanceof InferenceResult.Chosen chosen) {
            return new Step.Done(decide(choices, chosen));
        }
        List<Double> probabilities = Answers.scores(answers.get(0), choices.size());
        return new Step.Done(decide(choices, probabilities));
    }

    /** Nothing is known of the other labels, and without a probability it cannot be too small. */
    private TaskResult.Classified decide(List<Label> choices, InferenceResult.Chosen chosen) {
        String label = choices.get(chosen.label()).name();
        return new TaskResult.Classified(
                label,
                chosen.probability(),
                Optional.empty(),
                Double.NaN,
                isNone(label) || chosen.probability() < abstainBelow);
    }

    private TaskResult.Classified decide(List<Label> choices, List<Double> probabilities) {
        Map<String, Double> level = new LinkedHashMap<>();
        for (int i = 0; i < choices.size(); i++) {
            level.put(choices.get(i).name(), probabilities.get(i));
        }
        TaskResult.Classified best = best(level);
        TaskResult.Classified decision = best;
        while (decision.abstained()
                && !isNone(best.label())
                && level.keySet().stream().anyMatch(Classify::hasParent)) {
            level = parents(level);
            decision = best(level);
        }
        return decision.abstained() ? best : decision;
    }

    private boolean isNone(String label) {
        return noneOfThese && label.equals(PromptTexts.noneOfThese());
    }

    private static boolean hasParent(String label) {
        return label.indexOf(PATH) > 0;
    }

    /** One level up: the deepest labels give their probability to their parents. */
    private static Map<String, Double> parents(Map<String, Double> level) {
        long deepest = level.keySet().stream().mapToLong(Classify::depth).max().orElseThrow();
        Map<String, Double> up = new LinkedHashMap<>();
        level.forEach(
                (label, probability) ->
                        up.merge(
                                depth(label) == deepest
                                        ? label.substring(0, label.lastIndexOf(PATH))
                                        : label,
                                probability,
                                Double::sum));
        return up;
    }

    private static long depth(String label) {
        return label.chars().filter(character -> character == PATH).count();
    }

    private TaskResult.Classified best(Map<String, Double> probabilities) {
        String best = null;
        String second = null;
        for (String label : probabilities.keySet()) {
            if (best == null || probabilities.get(label) > probabilities.get(best)) {
                second = best;
                best = label;
            } else if (second == null || probabilities.get(label) > probabilities.get(second)) {
                second = label;
            }
        }
        double probability = probabilities.get(best);
        return new TaskResult.Classified(
                best,
                probability,
                Optional.ofNullable(second),
                second == null ? probability : probability - probabilities.get(second),
                isNone(best) || probability < abstainBelow);
    }

    @Override
    public TaskField field() {
        return new TaskField(
                name,
                HeadraceSchemas.CLASSIFICATION,
                "Class of the record, or null when none reached the probability "
                        + abstainBelow
                        + ".");
    }

    @Override
    public Object toAvro(TaskResult result) {
        TaskResult.Classified classified = (TaskResult.Classified) result;
        if (classified.abstained()) {
            return null;
        }
        GenericData.Record datum = new GenericData.Record(HeadraceSchemas.CLASSIFICATION);
        datum.put("label", classified.label());
        datum.put("probability", AvroTypes.nullIfNaN(classified.probability()));
        datum.put("runnerUp", classified.runnerUp().orElse(null));
        datum.put("margin", AvroTypes.nullIfNaN(classified.margin()));
        return datum;
    }
}
