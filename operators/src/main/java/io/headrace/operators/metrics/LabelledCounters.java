package io.headrace.operators.metrics;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;

/**
 * A counter divided by its last label, of which there are never more than a bound: a reporter keeps
 * each for ever. Owned by the task's thread.
 */
public final class LabelledCounters {

    private static final String OTHER = "other";

    private final MetricScope scope;
    private final HeadraceMetric metric;
    private final int mostValues;
    private final Map<String, Map<String, Counter>> counters = new HashMap<>();

    /**
     * @param metric a counter with two labels
     * @param mostValues the most values of the second label for one of the first; later ones are
     *     counted as {@code other}
     */
    public LabelledCounters(MetricScope scope, HeadraceMetric metric, int mostValues) {
        this.scope = scope;
        this.metric = metric;
        this.mostValues = mostValues;
    }

    public void count(String first, String second) {
        Map<String, Counter> known = counters.computeIfAbsent(first, it -> new HashMap<>());
        String value = known.containsKey(second) || known.size() < mostValues ? second : OTHER;
        known.computeIfAbsent(value, it -> scope.counter(metric, first, it)).inc();
    }
}
