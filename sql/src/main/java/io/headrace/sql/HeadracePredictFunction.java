package io.headrace.sql;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.metrics.Counter;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.FunctionContext;

/**
 * Answers rows with the engine of this TaskManager. Flink calls it for one row at a time on the
 * task's thread; answers come on the engine's thread.
 */
public final class HeadracePredictFunction extends AsyncPredictFunction {

    private static final long serialVersionUID = 1L;

    private final PredictPlan plan;

    private transient EngineSession session;
    private transient TaskPrompt prompt;
    private transient Counter failures;

    HeadracePredictFunction(PredictPlan plan) {
        this.plan = plan;
    }

    @Override
    public void open(FunctionContext context) throws Exception {
        super.open(context);
        failures = context.getMetricGroup().counter("failedRows");
        session = EngineSession.open(plan.engines(), plan.limits(), context);
        prompt = session.prepare(plan.task());
    }

    @Override
    public CompletableFuture<Collection<RowData>> asyncPredict(RowData input) {
        return session.ask(prompt, plan.input().of(input)).thenApply(this::rows);
    }

    private Collection<RowData> rows(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            failures.inc();
            if (plan.policy() == ErrorPolicy.FAIL) {
                throw new RowFailedException(failed);
            }
        }
        return List.of(plan.output().of(outcome));
    }

    @Override
    public void close() throws Exception {
        if (session != null) {
            session.close();
        }
        super.close();
    }
}
