package io.headrace.operators.metrics;

import io.headrace.operators.Provenance;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.traces.Span;

/**
 * Traces of records that took long, as spans for Flink's trace reporters ({@code traces.reporters}
 * in Flink's configuration). A span says where the time went and nothing of the record's content.
 * All slow records are counted, and one a second is traced. Owned by the task's thread.
 */
public final class SlowRecords {

    /** Stands in Flink's configuration, of the cluster or of the job. */
    public static final ConfigOption<Duration> SLOW_RECORD =
            ConfigOptions.key("headrace.metrics.slow-record")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(30))
                    .withDescription(
                            "Records that take longer in the operator are counted and traced.");

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final MetricGroup spans;
    private final Counter slow;
    private final long thresholdNanos;
    private final LongSupplier nanoClock;
    private long lastNanos;
    private boolean traced;

    public SlowRecords(
            MetricGroup operator,
            MetricScope scope,
            ReadableConfig configuration,
            LongSupplier nanoClock) {
        this.spans = operator;
        this.slow = scope.counter(HeadraceMetric.SLOW_RECORDS);
        this.thresholdNanos = configuration.get(SLOW_RECORD).toNanos();
        this.nanoClock = nanoClock;
    }

    /** Notes a record that leaves after so much time. */
    public void left(long tookNanos, int textLength, Provenance provenance) {
        if (tookNanos < thresholdNanos) {
            return;
        }
        slow.inc();
        long now = nanoClock.getAsLong();
        if (!traced || now - lastNanos >= PAUSE_NANOS) {
            traced = true;
            lastNanos = now;
            trace(tookNanos, textLength, provenance);
        }
    }

    private void trace(long tookNanos, int textLength, Provenance provenance) {
        long end = System.currentTimeMillis();
        spans.addSpan(
                Span.builder(SlowRecords.class, "SlowRecord")
                        .setStartTsMillis(end - TimeUnit.NANOSECONDS.toMillis(tookNanos))
                        .setEndTsMillis(end)
                        .setAttribute("model", provenance.model())
                        .setAttribute("textLength", (long) textLength)
                        .setAttribute("queueMillis", provenance.queueMillis())
                        .setAttribute("computeMillis", provenance.computeMillis())
                        .setAttribute("promptTokens", (long) provenance.promptTokens())
                        .setAttribute("cachedTokens", (long) provenance.cachedTokens())
                        .setAttribute("outputTokens", (long) provenance.outputTokens())
                        .setAttribute("cacheHit", provenance.cacheHit()));
    }
}
