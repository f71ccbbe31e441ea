package io.headrace.sql;

import io.headrace.operators.EngineProvider;
import io.headrace.operators.task.Task;
import java.io.Serializable;

/**
 * All that a model's function needs on a TaskManager.
 *
 * @param engines opens the engine
 * @param limits how long and how often a row is tried
 * @param input the text of a row
 * @param task what to do with it
 * @param output the columns of the answer
 * @param policy what becomes of a row that failed
 */
record PredictPlan(
        EngineProvider engines,
        CallLimits limits,
        InputText input,
        Task task,
        OutputRow output,
        ErrorPolicy policy)
        implements Serializable {

    PredictPlan withLimits(CallLimits newLimits) {
        return new PredictPlan(engines, newLimits, input, task, output, policy);
    }
}
