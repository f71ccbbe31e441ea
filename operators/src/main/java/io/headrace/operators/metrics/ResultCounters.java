package io.headrace.operators.metrics;

import io.headrace.operators.task.TaskResult;

/** Results by task and class. Owned by the task's thread. */
public final class ResultCounters {

    private static final int MOST_LABELS = 50;
    private static final String ABSTAINED = "abstained";

    private final LabelledCounters counters;

    public ResultCounters(MetricScope scope) {
        counters = new LabelledCounters(scope, HeadraceMetric.RESULTS, MOST_LABELS);
    }

    public void count(String task, TaskResult result) {
        if (result instanceof TaskResult.Classified classified) {
            counters.count(task, classified.abstained() ? ABSTAINED : classified.label());
        } else if (result instanceof TaskResult.MultiLabelled chosen) {
            chosen.labels().forEach(label -> counters.count(task, label.label()));
            if (chosen.labels().isEmpty()) {
                counters.count(task, ABSTAINED);
            }
        } else {
            counters.count(task, "answered");
        }
    }
}
