package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.Spending;
import io.headrace.inference.Usage;
import io.headrace.operators.metrics.MetricScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.metrics.MetricGroup;

/**
 * What models answered and cost: metrics by model, and the spending that budgets go on from after a
 * restart. Owned by the task's thread.
 *
 * <p>Spending is in union list state: each subtask begins with the sum of all, and opens its
 * engines with an equal share of what that leaves. The first subtask keeps the sum, each one what
 * it spent since; so the sum of a checkpoint is right for any number of subtasks. Requests under
 * way when it is taken count as spent. What was spent after the last checkpoint is not known after
 * a failure.
 */
final class EngineAccounts {

    private static final TypeInformation<Tuple4<String, Long, Long, Long>> SPENDING =
            Types.TUPLE(Types.STRING, Types.LONG, Types.LONG, Types.LONG);
    private static final TypeInformation<Tuple2<String, long[]>> COUNTS =
            Types.TUPLE(Types.STRING, PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO);

    private final MetricScope scope;
    private final EngineUse use;
    private final TaskInfo subtask;
    private final SlotGpus gpus;
    private final ListState<Tuple4<String, Long, Long, Long>> spendingState;
    private final ListState<Tuple2<String, long[]>> countState;
    private final Map<String, Spending> before = new HashMap<>();
    private final Map<String, ModelCounts> models = new ConcurrentHashMap<>(); // gauges read it

    private EngineAccounts(
            MetricGroup operator, OperatorStateStore store, EngineUse use, RuntimeContext context)
            throws Exception {
        this.scope = new MetricScope(operator);
        this.use = use;
        this.subtask = context.getTaskInfo();
        this.gpus = SlotGpus.of(subtask, context::getExternalResourceInfos);
        spendingState =
                store.getUnionListState(new ListStateDescriptor<>("engine-spending", SPENDING));
        countState = store.getListState(new ListStateDescriptor<>("model-counts", COUNTS));
        for (Tuple4<String, Long, Long, Long> spent : spendingState.get()) {
            before.merge(spent.f0, new Spending(spent.f1, spent.f2, spent.f3), Spending::with);
        }
        for (Tuple2<String, long[]> counts : countState.get()) {
            model(counts.f0).add(counts.f1);
        }
    }

    /** Restores what is known, and registers the metrics of the models that have answered. */
    static EngineAccounts restore(
            MetricGroup operator, OperatorStateStore store, EngineUse use, RuntimeContext context)
            throws Exception {
        return new EngineAccounts(operator, store, use, context);
    }

    /** What this subtask opens the engine of an account with. */
    EngineProvider.Opening opening(String account) {
        return new EngineProvider.Opening(
                use.operators(),
                subtask.getNumberOfParallelSubtasks(),
                before.getOrDefault(account, Spending.NONE),
                gpus);
    }

    /** An engine answered, or another one in its place, which the usage then names. */
    void answered(InferenceEngine engine, Usage usage) {
        String name = usage.answeredBy().isEmpty() ? engine.model().name() : usage.answeredBy();
        model(name).answered(usage);
    }

    private ModelCounts model(String name) {
        return models.computeIfAbsent(
                name,
                added -> {
                    ModelCounts counts = new ModelCounts();
                    counts.register(
                            scope,
                            added,
                            use.referencePrices(),
                            () -> models.values().stream().mapToLong(ModelCounts::answers).sum());
                    return counts;
                });
    }

    void snapshot(Map<String, Spending> spendingSince) throws Exception {
        List<Tuple4<String, Long, Long, Long>> spending = new ArrayList<>();
        if (subtask.getIndexOfThisSubtask() == 0) {
            before.forEach((account, spent) -> spending.add(state(account, spent)));
        }
        spendingSince.forEach((account, spent) -> spending.add(state(account, spent)));
        spendingState.update(spending);
        List<Tuple2<String, long[]>> counts = new ArrayList<>();
        models.forEach((name, count) -> counts.add(Tuple2.of(name, count.values())));
        countState.update(counts);
    }

    private static Tuple4<String, Long, Long, Long> state(String account, Spending spent) {
        return Tuple4.of(account, spent.window(), spent.tokens(), spent.costNanos());
    }
}
