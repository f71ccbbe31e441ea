package io.headrace.operators.metrics;

import io.headrace.inference.EngineStats;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.ModelInfo;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of an engine, as gauges. All subtasks of a TaskManager with the same model share
 * one engine and show the same numbers: take the maximum over them, not the sum.
 *
 * <p>Read by the threads of reporters, never by the task's. One look at the engine serves a second,
 * since an engine in a process of its own has to be asked.
 */
public final class EngineGauges {

    private static final Logger LOG = LoggerFactory.getLogger(EngineGauges.class);
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final MetricScope scope;
    private final String model;
    private InferenceEngine engine;
    private volatile long openMillis;
    private EngineStats latest = EngineStats.NONE;
    private long latestNanos;

    private EngineGauges(MetricScope scope, String model) {
        this.scope = scope;
        this.model = model;
    }

    /** Registers the gauges of the engine of a model, which is known later. */
    public static EngineGauges register(MetricScope scope, String model) {
        EngineGauges gauges = new EngineGauges(scope, model);
        scope.gauge(HeadraceMetric.ENGINE_OPEN_MILLIS, () -> gauges.openMillis, model);
        gauges.requests();
        gauges.steps();
        gauges.memory();
        return gauges;
    }

    /**
     * Shows this engine from now on.
     *
     * @param tookMillis how long it took to get the engine
     */
    public synchronized void show(InferenceEngine newEngine, long tookMillis) {
        engine = newEngine;
        openMillis = tookMillis;
        latest = null;
    }

    /** Shows nothing from now on: the engine is about to be closed. */
    public synchronized void retire() {
        engine = null;
        latest = EngineStats.NONE;
    }

    /** Returns what tells a model apart: two files may have one name. */
    public static String label(ModelInfo model) {
        String digest = model.digest();
        return model.name() + "@" + digest.substring(0, Math.min(8, digest.length()));
    }

    private void requests() {
        count(HeadraceMetric.REQUESTS_COMPLETED, EngineStats::completed);
        count(HeadraceMetric.REQUESTS_REJECTED, EngineStats::rejected);
        count(HeadraceMetric.REQUESTS_FAILED, EngineStats::failed);
        count(HeadraceMetric.REQUESTS_CANCELLED, EngineStats::cancelled);
        count(HeadraceMetric.REQUESTS_WAITING, EngineStats::waiting);
        count(HeadraceMetric.SEQUENCES_RUNNING, EngineStats::running);
        share(HeadraceMetric.PREFIX_HIT_RATE, EngineStats::prefixHitRate);
    }

    private void steps() {
        count(HeadraceMetric.STEPS, EngineStats::steps);
        share(HeadraceMetric.STEP_SECONDS, it -> it.stepNanos() / 1e9);
        share(HeadraceMetric.JAVA_SECONDS, it -> it.javaNanos() / 1e9);
        share(HeadraceMetric.STEP_MILLIS_P50, it -> it.figures().p50Nanos() / 1e6);
        share(HeadraceMetric.STEP_MILLIS_P95, it -> it.figures().p95Nanos() / 1e6);
        share(HeadraceMetric.STEP_MILLIS_P99, it -> it.figures().p99Nanos() / 1e6);
        share(HeadraceMetric.ROWS_PER_STEP, EngineStats::rowsPerStep);
        share(HeadraceMetric.BATCH_OCCUPANCY, EngineStats::batchOccupancy);
        count(HeadraceMetric.MASKS, it -> it.figures().masks());
        share(HeadraceMetric.MASK_SECONDS, it -> it.figures().maskNanos() / 1e9);
    }

    private void memory() {
        count(HeadraceMetric.KV_CELLS_USED, EngineStats::usedCells);
        count(HeadraceMetric.KV_CELLS, EngineStats::totalCells);
        count(HeadraceMetric.RESIDENT_BYTES, it -> it.figures().residentBytes());
    }

    private void count(HeadraceMetric metric, ToLongFunction<EngineStats> number) {
        scope.gauge(metric, () -> number.applyAsLong(stats()), model);
    }

    private void share(HeadraceMetric metric, ToDoubleFunction<EngineStats> number) {
        scope.gauge(metric, () -> number.applyAsDouble(stats()), model);
    }

    private synchronized EngineStats stats() {
        long now = System.nanoTime();
        if (engine == null) {
            return EngineStats.NONE;
        }
        if (latest == null || now - latestNanos > FRESH_NANOS) {
            latest = ask();
            latestNanos = now;
        }
        return latest;
    }

    /** An engine that is just closing must not cost the reporter all other metrics. */
    private EngineStats ask() {
        try {
            return engine.stats();
        } catch (IllegalStateException | CompletionException e) {
            LOG.debug("The engine gave no figures", e);
            return latest == null ? EngineStats.NONE : latest;
        }
    }
}
