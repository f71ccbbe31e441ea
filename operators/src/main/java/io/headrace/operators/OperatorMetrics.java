package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.Usage;
import io.headrace.operators.metrics.EngineGauges;
import io.headrace.operators.metrics.FailureCounters;
import io.headrace.operators.metrics.HeadraceMetric;
import io.headrace.operators.metrics.MetricScope;
import io.headrace.operators.metrics.ResultCounters;
import io.headrace.operators.metrics.SlowRecords;
import io.headrace.operators.task.TaskSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;

/**
 * The operator's metrics; {@link HeadraceMetric} says what each is. Owned by the task's thread.
 *
 * <p>The counters are in the checkpoint, by name, so that they count on after a restart. When the
 * number of subtasks changes each counter's value goes to one of them, and the sum stays.
 */
final class OperatorMetrics {

    private static final TypeInformation<Tuple2<String, Long>> NAMED_COUNT =
            Types.TUPLE(Types.STRING, Types.LONG);

    private final MetricScope scope;
    private final Map<String, Counter> counters = new LinkedHashMap<>();
    private final Counter recordsIn;
    private final Counter recordsOut;
    private final Counter deadLetters;
    private final Counter cacheHits;
    private final Counter retries;
    private final Counter versionSwitches;
    private final Counter versionsRefused;
    private final Counter promptTokens;
    private final Counter cachedTokens;
    private final Counter outputTokens;
    private final Histogram recordMillis;
    private final Histogram queueMillis;
    private final Map<String, EngineGauges> engines = new HashMap<>();
    private final Map<String, Histogram> computeMillis = new HashMap<>();
    private final ResultCounters results;
    private final FailureCounters failures;
    private final SlowRecords slowRecords;
    private final ListState<Tuple2<String, Long>> checkpointed;

    private OperatorMetrics(
            MetricGroup group, ReadableConfig configuration, OperatorStateStore store)
            throws Exception {
        scope = new MetricScope(group);
        recordsIn = counter(HeadraceMetric.RECORDS_IN);
        recordsOut = counter(HeadraceMetric.RECORDS_OUT);
        deadLetters = counter(HeadraceMetric.DEAD_LETTERS);
        cacheHits = counter(HeadraceMetric.CACHE_HITS);
        retries = counter(HeadraceMetric.RETRIES);
        versionSwitches = counter(HeadraceMetric.VERSION_SWITCHES);
        versionsRefused = counter(HeadraceMetric.VERSIONS_REFUSED);
        promptTokens = counter(HeadraceMetric.PROMPT_TOKENS);
        cachedTokens = counter(HeadraceMetric.CACHED_TOKENS);
        outputTokens = counter(HeadraceMetric.OUTPUT_TOKENS);
        scope.meter(HeadraceMetric.PROMPT_TOKENS_PER_SECOND, promptTokens);
        scope.meter(HeadraceMetric.OUTPUT_TOKENS_PER_SECOND, outputTokens);
        recordMillis = scope.histogram(HeadraceMetric.RECORD_MILLIS);
        queueMillis = scope.histogram(HeadraceMetric.QUEUE_MILLIS);
        results = new ResultCounters(scope);
        failures = new FailureCounters(scope, HeadraceMetric.FAILURES);
        slowRecords = new SlowRecords(group, scope, configuration, System::nanoTime);
        checkpointed = store.getListState(new ListStateDescriptor<>("counters", NAMED_COUNT));
        for (Tuple2<String, Long> count : checkpointed.get()) {
            Counter counter = counters.get(count.f0);
            if (counter != null) { // Else it is one that this version no longer has.
                counter.inc(count.f1);
            }
        }
    }

    private Counter counter(HeadraceMetric metric) {
        Counter counter = scope.counter(metric);
        counters.put(metric.metricName(), counter);
        return counter;
    }

    /** Restores and registers the counters. */
    static OperatorMetrics restore(
            MetricGroup parent, ReadableConfig configuration, OperatorStateStore store)
            throws Exception {
        return new OperatorMetrics(parent, configuration, store);
    }

    /** Registers what is in the operator now. */
    void registerQueue(LongSupplier recordsInFlight, LongSupplier tokensInFlight) {
        scope.gauge(HeadraceMetric.RECORDS_IN_FLIGHT, recordsInFlight::getAsLong);
        scope.gauge(HeadraceMetric.TOKENS_IN_FLIGHT, tokensInFlight::getAsLong);
    }

    /** Registers the number of the version in force. */
    void registerVersion(LongSupplier number) {
        scope.gauge(HeadraceMetric.VERSION, number::getAsLong);
    }

    /** Shows what is known of an engine, once there is one. */
    void registerEngine(InferenceEngine engine, long openNanos) {
        engines.computeIfAbsent(
                        EngineGauges.label(engine.model()),
                        model -> EngineGauges.register(scope, model))
                .show(engine, TimeUnit.NANOSECONDS.toMillis(openNanos));
    }

    /** No longer looks at an engine, which is about to be closed. */
    void retireEngine(InferenceEngine engine) {
        engines.get(EngineGauges.label(engine.model())).retire();
    }

    /** The counters' values by name. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counters.forEach((name, counter) -> counts.put(name, counter.getCount()));
        return counts;
    }

    void snapshot() throws Exception {
        List<Tuple2<String, Long>> counts = new ArrayList<>();
        counts().forEach((name, count) -> counts.add(Tuple2.of(name, count)));
        checkpointed.update(counts);
    }

    void recordIn() {
        recordsIn.inc();
    }

    /** Counts a record that leaves with the results of these tasks. */
    void recordOut(InFlight<?> entry, Enriched<?> enriched, TaskSet tasks) {
        recordsOut.inc();
        long tookNanos = entry.ageNanos();
        recordMillis.update(TimeUnit.NANOSECONDS.toMillis(tookNanos));
        slowRecords.left(tookNanos, entry.text().length(), enriched.provenance());
        for (int i = 0; i < tasks.size(); i++) {
            results.count(tasks.tasks().get(i).name(), enriched.results().get(i));
        }
    }

    void deadLetter(Failure failure) {
        deadLetters.inc();
        failures.count(failure);
    }

    void cacheHit() {
        cacheHits.inc();
    }

    void versionSwitched() {
        versionSwitches.inc();
    }

    void versionRefused() {
        versionsRefused.inc();
    }

    void retry() {
        retries.inc();
    }

    /** Counts an answered request of a task. */
    void answered(String task, Usage usage) {
        promptTokens.inc(usage.promptTokens());
        cachedTokens.inc(usage.cachedTokens());
        outputTokens.inc(usage.outputTokens());
        queueMillis.update(TimeUnit.NANOSECONDS.toMillis(usage.queueNanos()));
        computeMillis
                .computeIfAbsent(task, it -> scope.histogram(HeadraceMetric.COMPUTE_MILLIS, it))
                .update(TimeUnit.NANOSECONDS.toMillis(usage.computeNanos()));
    }
}
