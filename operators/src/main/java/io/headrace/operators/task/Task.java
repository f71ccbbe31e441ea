package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.schemas.TaskField;
import java.io.Serializable;
import java.util.List;

/**
 * One thing to find out about each record. Immutable.
 *
 * <p>A task knows what to ask the model, how the answers become a typed result, and the Avro type
 * of that result.
 */
public sealed interface Task extends Serializable
        permits Classify, MultiLabel, Extract, Summarize, RunningSummary, Custom {

    /** Name of the task, unique in its set, and of the field that it adds. */
    String name();

    /** The sentence that tells the model what to do. */
    String instruction();

    /** What follows the instruction in the prompt, for instance the labels; may be empty. */
    String details();

    /**
     * What the task wants next. A pure function: an equal text, equal answers and an equal budget
     * give an equal step, so that a task can go on from answers that a checkpoint kept.
     *
     * @param text the record's text
     * @param answers to all questions of the steps so far, in the order of the questions
     * @throws ResultConversionException if the answers have no faithful typed form
     */
    Step step(String text, List<InferenceResult.Completed> answers, PromptBudget budget);

    /** The same for many records. */
    default Steps steps() {
        return this::step;
    }

    /** The field that this task adds to the enriched schema. */
    TaskField field();

    /**
     * The result as an Avro datum of {@link #field()}, or null where the task abstained.
     *
     * @throws ResultConversionException if the result has no faithful typed form
     */
    Object toAvro(TaskResult result);
}
