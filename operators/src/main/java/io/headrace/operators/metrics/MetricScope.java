package io.headrace.operators.metrics;

import io.headrace.operators.metrics.HeadraceMetric.Kind;
import java.util.List;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Registers metrics of the catalogue in the group {@code headrace} of an operator. */
public final class MetricScope {

    /** Values that a histogram remembers: enough for a 99th percentile, 16 KiB each. */
    private static final int HISTOGRAM_VALUES = 2_000;

    private final MetricGroup headrace;

    public MetricScope(MetricGroup operator) {
        headrace = operator.addGroup("headrace");
    }

    /** Registers a counter with one value for each of its labels. */
    public Counter counter(HeadraceMetric metric, String... values) {
        return group(metric, Kind.COUNTER, values).counter(metric.metricName());
    }

    /** Registers the rate of a counter over the last minute. */
    public void meter(HeadraceMetric metric, Counter counted) {
        group(metric, Kind.METER).meter(metric.metricName(), new MeterView(counted));
    }

    /** Registers a number that is looked up when someone asks, by any thread. */
    public void gauge(HeadraceMetric metric, Gauge<? extends Number> number, String... values) {
        group(metric, Kind.GAUGE, values).gauge(metric.metricName(), number);
    }

    /** Registers quantiles over the last values. */
    public Histogram histogram(HeadraceMetric metric, String... values) {
        return group(metric, Kind.HISTOGRAM, values)
                .histogram(
                        metric.metricName(), new DescriptiveStatisticsHistogram(HISTOGRAM_VALUES));
    }

    private MetricGroup group(HeadraceMetric metric, Kind kind, String... values) {
        List<String> labels = metric.labels();
        if (metric.kind() != kind || labels.size() != values.length) {
            throw new IllegalArgumentException(
                    metric + " is a " + metric.kind() + " with the labels " + labels);
        }
        MetricGroup group = headrace;
        for (int i = 0; i < values.length; i++) {
            group = group.addGroup(labels.get(i), values[i]);
        }
        return group;
    }
}
