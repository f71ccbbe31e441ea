package io.headrace.sql;

import io.headrace.operators.task.Task;
import java.io.Serializable;
import org.apache.flink.table.types.inference.TypeInference;

/** What a function asks the model and gives back; all values are Flink's internal ones. */
interface LlmCall extends Serializable {

    /** The types of arguments, of which the first is the text, and of the result. */
    TypeInference typeInference();

    /**
     * The task of a call.
     *
     * @param arguments all arguments; equal ones after the text give an equal task
     * @throws IllegalArgumentException if they make no task
     */
    Task task(Object[] arguments);

    /** The result for an answer. */
    Object value(Outcome.Answered answer);
}
