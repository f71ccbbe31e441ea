package io.headrace.operators.task;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Output;
import io.headrace.schemas.TaskField;
import java.io.Serializable;

/**
 * One thing to find out about each record. Immutable.
 *
 * <p>A task knows how it is put to the model, what output it wants, how an answer becomes a typed
 * result, and the Avro type of that result.
 */
public sealed interface Task extends Serializable permits Classify, Extract, Summarize {

    /** Name of the task, unique in its set, and of the field that it adds. */
    String name();

    /** The sentence that tells the model what to do. */
    String instruction();

    /** What follows the instruction in the prompt, for instance the labels; may be empty. */
    String details();

    /** What the engine is to produce for a record with this text. */
    Output output(String text);

    /**
     * Turns the engine's answer into a result.
     *
     * @throws ResultConversionException if the answer has no faithful typed form
     */
    TaskResult result(InferenceResult.Completed answer);

    /** The field that this task adds to the enriched schema. */
    TaskField field();

    /**
     * The result as an Avro datum of {@link #field()}, or null where the task abstained.
     *
     * @throws ResultConversionException if the result has no faithful typed form
     */
    Object toAvro(TaskResult result);
}
