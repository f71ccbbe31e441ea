package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.schemas.HeadraceSchemas;
import io.headrace.schemas.TaskField;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericData;

/**
 * Finds the label that fits a record best, with its exact probability over all labels.
 *
 * @param name name of the task
 * @param instruction what the model is told
 * @param labels at least two, distinct as the model sees them
 * @param abstainBelow below this probability the result is null; 0 never abstains
 */
public record Classify(String name, String instruction, List<Label> labels, double abstainBelow)
        implements Task {

    public Classify {
        TaskNames.require(name);
        Objects.requireNonNull(instruction, "instruction");
        labels = List.copyOf(labels);
        if (labels.size() < 2) {
            throw new IllegalArgumentException(
                    "task '" + name + "' needs at least two labels to choose from");
        }
        requireDistinct(name, labels);
        if (!(abstainBelow >= 0 && abstainBelow <= 1)) {
            throw new IllegalArgumentException(
                    "task '" + name + "': abstainBelow must be from 0 to 1, not " + abstainBelow);
        }
    }

    /** With the default instruction. */
    public Classify(String name, List<Label> labels, double abstainBelow) {
        this(name, PromptTexts.classify(), labels, abstainBelow);
    }

    private static void requireDistinct(String name, List<Label> labels) {
        for (int i = 0; i < labels.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (labels.get(i).shown().equals(labels.get(j).shown())) {
                    throw new IllegalArgumentException(
                            "task '"
                                    + name
                                    + "': labels '"
                                    + labels.get(j).name()
                                    + "' and '"
                                    + labels.get(i).name()
                                    + "' look the same to the model (underscores count as spaces)");
                }
            }
        }
    }

    @Override
    public String details() {
        return labels.stream()
                .map(Classify::line)
                .collect(Collectors.joining("\n", "Labels:\n", ""));
    }

    private static String line(Label label) {
        return label.description().isEmpty()
                ? label.shown()
                : label.shown() + ": " + label.description();
    }

    @Override
    public Output output(String text) {
        return new Output.Labels(labels.stream().map(Label::shown).toList());
    }

    @Override
    public TaskResult.Classified result(InferenceResult.Completed answer) {
        if (!(answer instanceof InferenceResult.Scores scores)) {
            throw new ResultConversionException("the engine gave no label scores");
        }
        List<Double> probabilities = scores.probabilities();
        if (probabilities.size() != labels.size()) {
            throw new ResultConversionException(
                    "the engine scored "
                            + probabilities.size()
                            + " of "
                            + labels.size()
                            + " labels");
        }
        int best = -1;
        int second = -1;
        for (int i = 0; i < probabilities.size(); i++) {
            double probability = probabilities.get(i);
            if (Double.isNaN(probability)) {
                throw new ResultConversionException("the engine's probabilities are not numbers");
            }
            if (best < 0 || probability > probabilities.get(best)) {
                second = best;
                best = i;
            } else if (second < 0 || probability > probabilities.get(second)) {
                second = i;
            }
        }
        double probability = probabilities.get(best);
        return new TaskResult.Classified(
                labels.get(best).name(),
                probability,
                Optional.of(labels.get(second).name()),
                probability - probabilities.get(second),
                probability < abstainBelow);
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
        datum.put("probability", classified.probability());
        datum.put("runnerUp", classified.runnerUp().orElse(null));
        datum.put("margin", classified.margin());
        return datum;
    }
}
