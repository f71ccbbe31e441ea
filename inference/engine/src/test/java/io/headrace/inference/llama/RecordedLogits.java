package io.headrace.inference.llama;

import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A runner that notes, for every row whose logits are read, the whole text before it. */
final class RecordedLogits implements ModelRunner {

    private final ModelRunner runner;
    private final Map<Integer, List<Integer>> sequences = new HashMap<>();
    private final Map<List<Integer>, float[]> logits = new ConcurrentHashMap<>();

    RecordedLogits(ModelRunner runner) {
        this.runner = runner;
    }

    /** Returns the logits behind some tokens; null where they were never computed. */
    float[] behind(List<Integer> tokens) {
        return logits.get(tokens);
    }

    @Override
    public RunnerLimits limits() {
        return runner.limits();
    }

    @Override
    public StepResult execute(StepPlan plan) {
        plan.operations().forEach(this::apply);
        StepResult result = runner.execute(plan);
        int output = 0;
        for (int row = 0; row < plan.rows(); row++) {
            List<Integer> sequence =
                    sequences.computeIfAbsent(plan.sequence(row), number -> new ArrayList<>());
            sequence.add(plan.token(row));
            if (plan.output(row) && result instanceof StepResult.Computed computed) {
                float[] read = new float[limits().vocabularySize()];
                computed.logits(output++).copyTo(read);
                logits.put(List.copyOf(sequence), read);
            }
        }
        return result;
    }

    private void apply(StepPlan.SequenceOperation operation) {
        if (operation instanceof StepPlan.Fork fork) {
            List<Integer> shared = sequences.get(fork.source()).subList(0, fork.length());
            sequences.put(fork.target(), new ArrayList<>(shared));
        } else if (operation instanceof StepPlan.Truncation truncation) {
            List<Integer> sequence =
                    sequences.computeIfAbsent(truncation.sequence(), number -> new ArrayList<>());
            sequence.subList(Math.min(truncation.length(), sequence.size()), sequence.size())
                    .clear();
        }
    }

    @Override
    public void close() {
        runner.close();
    }
}
