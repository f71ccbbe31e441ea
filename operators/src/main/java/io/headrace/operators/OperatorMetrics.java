package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * The operator's metrics, in the group {@code headrace}. Owned by the task's thread.
 *
 * <p>The counters are in the checkpoint, by name, so that they count on after a restart. When the
 * number of subtasks changes each counter's value goes to one of them, and the sum stays.
 */
final class OperatorMetrics {

    private static final TypeInformation<Tuple2<String, Long>> NAMED_COUNT =
            Types.TUPLE(Types.STRING, Types.LONG);

    private final Map<String, Counter> counters = new LinkedHashMap<>();
    private final Counter recordsIn;
    private final Counter recordsOut;
    private final Counter deadLetters;
    private final Counter cacheHits;
    private final Counter retries;
    private final Counter promptTokens;
    private final Counter cachedTokens;
    private final Counter outputTokens;
    private final ListState<Tuple2<String, Long>> checkpointed;

    private OperatorMetrics(MetricGroup group, OperatorStateStore store) throws Exception {
        recordsIn = counter(group, "recordsIn");
        recordsOut = counter(group, "recordsOut");
        deadLetters = counter(group, "deadLetters");
        cacheHits = counter(group, "cacheHits");
        retries = counter(group, "retries");
        promptTokens = counter(group, "promptTokens");
        cachedTokens = counter(group, "cachedTokens");
        outputTokens = counter(group, "outputTokens");
        checkpointed = store.getListState(new ListStateDescriptor<>("counters", NAMED_COUNT));
        for (Tuple2<String, Long> count : checkpointed.get()) {
            Counter counter = counters.get(count.f0);
            if (counter != null) { // Else it is one that this version no longer has.
                counter.inc(count.f1);
            }
        }
    }

    private Counter counter(MetricGroup group, String name) {
        Counter counter = group.counter(name);
        counters.put(name, counter);
        return counter;
    }

    /** Restores and registers the counters. */
    static OperatorMetrics restore(MetricGroup parent, OperatorStateStore store) throws Exception {
        return new OperatorMetrics(parent.addGroup("headrace"), store);
    }

    /** Registers what is known of the engine, once there is one. */
    static void registerGauges(
            MetricGroup parent,
            InferenceEngine engine,
            LongSupplier recordsInFlight,
            LongSupplier tokensInFlight) {
        MetricGroup group = parent.addGroup("headrace");
        group.gauge("recordsInFlight", recordsInFlight::getAsLong);
        group.gauge("tokensInFlight", tokensInFlight::getAsLong);
        group.gauge("prefixHitRate", () -> engine.stats().prefixHitRate());
        group.gauge("rowsPerStep", () -> engine.stats().rowsPerStep());
        group.gauge("usedCells", () -> engine.stats().usedCells());
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
