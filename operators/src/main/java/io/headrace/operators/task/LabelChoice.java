package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps of a {@link Classify}: one question with all labels, whose answer decides. */
final class LabelChoice implements Steps {

    private static final char PATH = '/';

    private final Classify task;

    /** As they appear in the output. */
    private final List<String> names;

    private final boolean paths;
    private final Output.Labels output;

    LabelChoice(Classify task) {
        this.task = task;
        List<Label> choices = task.choices();
        this.names = choices.stream().map(Label::name).toList();
        this.paths = names.stream().anyMatch(LabelChoice::hasParent);
        this.output =
                new Output.Labels(choices.stream().map(Label::shown).toList(), task.temperature());
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        if (answers.isEmpty()) {
            return new Step.Ask(List.of(new Question(text, "", output)));
        }
        if (answers.get(0) instanceof InferenceResult.Chosen chosen) {
            return new Step.Done(decide(chosen));
        }
        return new Step.Done(decide(Answers.scores(answers.get(0), names.size())));
    }

    /** Nothing is known of the other labels, and without a probability it cannot be too small. */
    private TaskResult.Classified decide(InferenceResult.Chosen chosen) {
        String label = names.get(chosen.label());
        return new TaskResult.Classified(
                label,
                chosen.probability(),
                Optional.empty(),
                Double.NaN,
                isNone(label) || chosen.probability() < task.abstainBelow());
    }

    private TaskResult.Classified decide(List<Double> probabilities) {
        TaskResult.Classified best = best(names, probabilities);
        if (!paths || !best.abstained() || isNone(best.label())) {
            return best;
        }
        Map<String, Double> level = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            level.put(names.get(i), probabilities.get(i));
        }
        TaskResult.Classified decision = best;
        while (decision.abstained() && level.keySet().stream().anyMatch(LabelChoice::hasParent)) {
            level = parents(level);
            decision = best(List.copyOf(level.keySet()), List.copyOf(level.values()));
        }
        return decision.abstained() ? best : decision;
    }

    private boolean isNone(String label) {
        return task.noneOfThese() && label.equals(PromptTexts.noneOfThese());
    }

    private static boolean hasParent(String label) {
        return label.indexOf(PATH) > 0;
    }

    /** One level up: the deepest labels give their probability to their parents. */
    private static Map<String, Double> parents(Map<String, Double> level) {
        long deepest = level.keySet().stream().mapToLong(LabelChoice::depth).max().orElseThrow();
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

    private TaskResult.Classified best(List<String> labels, List<Double> probabilities) {
        int best = 0;
        int second = -1;
        for (int i = 1; i < labels.size(); i++) {
            if (probabilities.get(i) > probabilities.get(best)) {
                second = best;
                best = i;
            } else if (second < 0 || probabilities.get(i) > probabilities.get(second)) {
                second = i;
            }
        }
        double probability = probabilities.get(best);
        return new TaskResult.Classified(
                labels.get(best),
                probability,
                second < 0 ? Optional.empty() : Optional.of(labels.get(second)),
                second < 0 ? probability : probability - probabilities.get(second),
                isNone(labels.get(best)) || probability < task.abstainBelow());
    }
}
