package io.headrace.operators.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.traces.Span;
import org.apache.flink.traces.SpanBuilder;

/** A metric group that remembers the counters and spans of itself and the groups below. */
final class RecordedMetrics extends UnregisteredMetricsGroup {

    private final String name;
    private final Map<String, Counter> counters;
    private final List<Span> spans;

    RecordedMetrics() {
        this("", new TreeMap<>(), new ArrayList<>());
    }

    private RecordedMetrics(String name, Map<String, Counter> counters, List<Span> spans) {
        this.name = name;
        this.counters = counters;
        this.spans = spans;
    }

    List<Span> spans() {
        return spans;
    }

    /** Counts by name, with the groups before it. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        counters.forEach((counter, count) -> counts.put(counter, count.getCount()));
        return counts;
    }

    @Override
    public Counter counter(String counter) {
        return counters.computeIfAbsent(name + counter, it -> new SimpleCounter());
    }

    @Override
    public void addSpan(SpanBuilder span) {
        spans.add(span.build());
    }

    @Override
    public MetricGroup addGroup(String group) {
        return new RecordedMetrics(name + group + ".", counters, spans);
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
        return addGroup(key + "=" + value);
    }
}
