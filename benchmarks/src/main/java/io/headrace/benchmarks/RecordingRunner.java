package io.headrace.benchmarks;

import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import java.util.ArrayList;
import java.util.List;

/** Keeps the plans that an engine executes, to run them again without the engine. */
public final class RecordingRunner implements ModelRunner {

    private final ModelRunner runner;
    private final List<StepPlan> plans = new ArrayList<>();

    /** Records what another runner is given. */
    public RecordingRunner(ModelRunner runner) {
        this.runner = runner;
    }

    /** Returns the plans so far and forgets them. */
    public synchronized List<StepPlan> takePlans() {
        List<StepPlan> taken = List.copyOf(plans);
        plans.clear();
        return taken;
    }

    @Override
    public RunnerLimits limits() {
        return runner.limits();
    }

    @Override
    public StepResult execute(StepPlan plan) {
        synchronized (this) {
            plans.add(plan);
        }
        return runner.execute(plan);
    }

    @Override
    public void close() {
        runner.close();
    }
}
