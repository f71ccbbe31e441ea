package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.schemas.HeadraceSchemas;
import io.headrace.schemas.TaskField;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
        return steps().step(text, answers, budget);
    }

    @Override
    public Steps steps() {
        return new LabelChoice(this);
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
        int field = 0; // in the order of the schema, since a look-up of each name costs more
        datum.put(field++, classified.label());
        datum.put(field++, AvroTypes.nullIfNaN(classified.probability()));
        datum.put(field++, classified.runnerUp().orElse(null));
        datum.put(field, AvroTypes.nullIfNaN(classified.margin()));
        return datum;
    }
}
