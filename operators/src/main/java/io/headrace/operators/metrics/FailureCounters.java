package io.headrace.operators.metrics;

import io.headrace.operators.Failure;

/** Failures by stage and class. Owned by the task's thread. */
public final class FailureCounters {

    private static final int MOST_CLASSES = 20;

    private final LabelledCounters counters;

    /**
     * @param metric which of the counters with these two labels
     */
    public FailureCounters(MetricScope scope, HeadraceMetric metric) {
        counters = new LabelledCounters(scope, metric, MOST_CLASSES);
    }

    public void count(Failure failure) {
        counters.count(failure.stage().name(), failure.errorClass());
    }
}
