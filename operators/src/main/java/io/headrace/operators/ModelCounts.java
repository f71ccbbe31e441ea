package io.headrace.operators;

import io.headrace.inference.Usage;
import io.headrace.inference.remote.Prices;
import io.headrace.operators.metrics.HeadraceMetric;
import io.headrace.operators.metrics.MetricScope;
import java.util.function.LongSupplier;

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

    /** Registers the metrics of the model of this name. */
    void register(MetricScope scope, String model, Prices reference, LongSupplier allAnswers) {
        scope.gauge(HeadraceMetric.MODEL_ANSWERS, () -> answers, model);
        scope.gauge(
                HeadraceMetric.MODEL_SHARE,
                () -> (double) answers / Math.max(1, allAnswers.getAsLong()),
                model);
        scope.gauge(HeadraceMetric.MODEL_PROMPT_TOKENS, () -> promptTokens, model);
        scope.gauge(HeadraceMetric.MODEL_CACHED_TOKENS, () -> cachedTokens, model);
        scope.gauge(HeadraceMetric.MODEL_OUTPUT_TOKENS, () -> outputTokens, model);
        scope.gauge(HeadraceMetric.MODEL_COST, () -> costNanos / NANOS, model);
        scope.gauge(
                HeadraceMetric.MODEL_REFERENCE_COST,
                () -> reference.costNanos(promptTokens, cachedTokens, outputTokens) / NANOS,
                model);
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
