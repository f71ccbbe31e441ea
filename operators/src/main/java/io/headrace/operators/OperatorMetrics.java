package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.Usage;
import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** The operator's metrics, in the group {@code headrace}. Owned by the task's thread. */
final class OperatorMetrics {

    private final Counter recordsIn;
    private final Counter recordsOut;
    private final Counter deadLetters;
    private final Counter cacheHits;
    private final Counter retries;
    private final Counter promptTokens;
    private final Counter cachedTokens;
    private final Counter outputTokens;

    private OperatorMetrics(MetricGroup group) {
        recordsIn = group.counter("recordsIn");
        recordsOut = group.counter("recordsOut");
        deadLetters = group.counter("deadLetters");
        cacheHits = group.counter("cacheHits");
        retries = group.counter("retries");
        promptTokens = group.counter("promptTokens");
        cachedTokens = group.counter("cachedTokens");
        outputTokens = group.counter("outputTokens");
    }

    static OperatorMetrics register(
            MetricGroup parent, InferenceEngine engine, IntSupplier inFlight) {
        MetricGroup group = parent.addGroup("headrace");
        group.gauge("recordsInFlight", inFlight::getAsInt);
        group.gauge("prefixHitRate", () -> engine.stats().prefixHitRate());
        group.gauge("rowsPerStep", () -> engine.stats().rowsPerStep());
        group.gauge("usedCells", () -> engine.stats().usedCells());
        return new OperatorMetrics(group);
    }

    void recordIn() {
        recordsIn.inc();
    }

    void recordOut() {
        recordsOut.inc();
    }

    void deadLetter() {
        deadLetters.inc();
    }

    void cacheHit() {
        cacheHits.inc();
    }

    void retry() {
        retries.inc();
    }

    void tokens(Usage usage) {
        promptTokens.inc(usage.promptTokens());
        cachedTokens.inc(usage.cachedTokens());
        outputTokens.inc(usage.outputTokens());
    }
}
