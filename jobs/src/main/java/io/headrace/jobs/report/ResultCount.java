package io.headrace.jobs.report;

import io.headrace.operators.task.TaskResult;

/** Counts results by what they say: their class, and how sure it is. */
public interface ResultCount {

    /** The class of a result that has none. */
    String ABSTAINED = "(abstained)";

    /** Counts a result of a task with a class. */
    void label(String task, String label);

    /** Counts a result of a task whose probability is in a tenth. */
    void confidence(String task, int tenth);

    /** Counts a result, if it is one with a class. */
    default void result(String task, TaskResult result) {
        if (result instanceof TaskResult.Classified classified) {
            label(task, classified.abstained() ? ABSTAINED : classified.label());
            confidence(task, RunReport.tenth(classified.probability()));
        } else if (result instanceof TaskResult.MultiLabelled chosen) {
            chosen.labels().forEach(scored -> label(task, scored.label()));
            if (chosen.labels().isEmpty()) {
                label(task, ABSTAINED);
            }
        }
    }
}
