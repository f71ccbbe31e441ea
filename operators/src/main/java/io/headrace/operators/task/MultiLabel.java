package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.schemas.HeadraceSchemas;
import io.headrace.schemas.TaskField;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/**
 * Finds every label that fits a record, each asked on its own with the probability of yes against
 * no. The questions share the prompt up to the label's name, so the engine computes that once.
 *
 * @param name name of the task
 * @param instruction what the model is told
 * @param labels at least one, distinct as the model sees them
 * @param threshold the least probability of a label in the result, 0 to 1
 */
public record MultiLabel(String name, String instruction, List<Label> labels, double threshold)
        implements Task {

    private static final int YES = 0;
    private static final Output YES_OR_NO = new Output.Labels(List.of("yes", "no"));

    public MultiLabel {
        TaskNames.require(name);
        Objects.requireNonNull(instruction, "instruction");
        labels = List.copyOf(labels);
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("task '" + name + "' needs at least one label");
        }
        Label.requireDistinct(name, labels);
        if (!(threshold >= 0 && threshold <= 1)) {
            throw new IllegalArgumentException(
                    "task '" + name + "': threshold must be from 0 to 1, not " + threshold);
        }
    }

    /** With the default instruction. */
    public MultiLabel(String name, List<Label> labels, double threshold) {
        this(name, PromptTexts.multiLabel(), labels, threshold);
    }

    @Override
    public String details() {
        return Label.lines(labels);
    }

    @Override
    public Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget) {
        if (answers.isEmpty()) {
            return new Step.Ask(
                    labels.stream()
                            .map(
                                    label ->
                                            new Question(
                                                    text,
                                                    PromptTexts.applies(label.shown()),
                                                    YES_OR_NO))
                            .toList());
        }
        List<TaskResult.ScoredLabel> found = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            String label = labels.get(i).name();
            if (answers.get(i) instanceof InferenceResult.Chosen chosen) {
                if (chosen.label() == YES) { // No probability is there to hold to a threshold.
                    found.add(new TaskResult.ScoredLabel(label, chosen.probability()));
                }
                continue;
            }
            double yes = Answers.scores(answers.get(i), 2).get(YES);
            if (yes >= threshold) {
                found.add(new TaskResult.ScoredLabel(label, yes));
            }
        }
        found.sort(Comparator.comparingDouble(TaskResult.ScoredLabel::probability).reversed());
        return new Step.Done(new TaskResult.MultiLabelled(found));
    }

    @Override
    public TaskField field() {
        return new TaskField(
                name,
                Schema.createArray(HeadraceSchemas.SCORED_LABEL),
                "Labels that fit the record with a probability of at least "
                        + threshold
                        + ", the most probable first.");
    }

    @Override
    public Object toAvro(TaskResult result) {
        List<GenericData.Record> data = new ArrayList<>();
        for (TaskResult.ScoredLabel label : ((TaskResult.MultiLabelled) result).labels()) {
            GenericData.Record datum = new GenericData.Record(HeadraceSchemas.SCORED_LABEL);
            datum.put("label", label.label());
            datum.put("probability", AvroTypes.nullIfNaN(label.probability()));
            data.add(datum);
        }
        return data;
    }
}
