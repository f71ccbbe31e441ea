package io.headrace.operators;

import io.headrace.inference.Usage;
import io.headrace.inference.remote.Prices;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * What one model answered and cost. Written by the task's thread; metric reporters read it from
 * theirs.
 */
final class ModelCounts {

    private static final double NANOS = 1e9;

    private volatile long answers;
    private volatile long promptTokens;
    private volatile long cachedTokens;
    private volatile long outputTokens;
    private volatile long costNanos;

    void answered(Usage usage) {
        add(
                new long[] {
                    1,
                    usage.promptTokens(),
                    usage.cachedTokens(),
                    usage.outputTokens(),
                    usage.costNanos()
                });
    }

    long answers() {
        return answers;
    }

    /** Registers the metrics; costs are in the currency of the prices. */
    void register(MetricGroup group, Prices reference, LongSupplier allAnswers) {
        group.gauge("answers", (Gauge<Long>) () -> answers);
        group.gauge("promptTokens", (Gauge<Long>) () -> promptTokens);
        group.gauge("cachedTokens", (Gauge<Long>) () -> cachedTokens);
        group.gauge("outputTokens", (Gauge<Long>) () -> outputTokens);
        group.gauge("cost", (Gauge<Double>) () -> costNanos / NANOS);
        group.gauge(
                "referenceCost",
                (Gauge<Double>)
                        () ->
                                reference.costNanos(promptTokens, cachedTokens, outputTokens)
                                        / NANOS);
        group.gauge(
                "share",
                (Gauge<Double>) () -> (double) answers / Math.max(1, allAnswers.getAsLong()));
    }

    /** All counts, for the checkpoint. */
    long[] values() {
        return new long[] {answers, promptTokens, cachedTokens, outputTokens, costNanos};
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void add(long[] values) {
        answers += values[0];
        promptTokens += values[1];
        cachedTokens += values[2];
        outputTokens += values[3];
        costNanos += values[4];
    }
}
