package io.headrace.inference.llama;

import io.headrace.inference.logits.LogitRow;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.ScoringTree;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import java.util.ArrayList;
import java.util.List;

/**
 * Computes steps with llama.cpp.
 *
 * <p>A scoring tree becomes one sequence for each leaf: a node's row belongs to the sequences of
 * all leaves below it. The first leaf borrows the tree's own sequence, the others are forks with
 * numbers above the scheduler's; all are undone after the step.
 */
final class LlamaModelRunner implements ModelRunner {

    private final LlamaContext context;
    private final LlamaBatch batch;
    private final RunnerLimits limits;
    private final Computed computed = new Computed();
    private final List<StepPlan.Truncation> undo = new ArrayList<>();
    private final ComputeThreads threads;
    private final List<LlamaAdapter> adapters;
    private int adapter;
    private int nextLeafSequence;

    /**
     * @param adapters by number less one; closed with this runner
     */
    LlamaModelRunner(
            LlamaModel model, LlamaContext.Size size, int sequences, List<LlamaAdapter> adapters) {
        this.adapters = adapters;
        this.context = new LlamaContext(model, size);
        if (model.gpu().isPresent()) {
            warmUp();
        }
        this.batch = new LlamaBatch(size.rows());
        this.threads = new ComputeThreads(size.threads());
        this.limits =
                new RunnerLimits(
                        context.cells(),
                        sequences,
                        size.rows(),
                        size.outputs(),
                        LlamaContext.MOST_SEQUENCES - sequences,
                        model.vocabulary().size());
    }

    private void warmUp() {
        try {
            context.warmUp();
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    @Override
    public RunnerLimits limits() {
        return limits;
    }

    @Override
    public StepResult execute(StepPlan plan) {
        plan.operations().forEach(this::apply);
        if (plan.computedRows() == 0) {
            return computed;
        }
        batch.clear();
        for (int row = 0; row < plan.rows(); row++) {
            batch.add(plan.token(row), plan.position(row), plan.sequence(row), plan.output(row));
        }
        nextLeafSequence = limits.sequences();
        plan.trees().forEach(this::addTree);
        if (plan.adapter() != adapter) {
            adapter = plan.adapter();
            context.useAdapter(adapter == 0 ? null : adapters.get(adapter - 1));
        }
        context.useThreads(threads.choose(batch.rows()));
        long begin = System.nanoTime();
        int code = context.decode(batch);
        threads.took(batch.rows(), System.nanoTime() - begin);
        undo.forEach(this::apply);
        undo.clear();
        return code == 0 ? computed : new StepResult.Failed(reason(code, plan));
    }

    private void apply(StepPlan.SequenceOperation operation) {
        if (operation instanceof StepPlan.Fork fork) {
            context.copySequence(fork.source(), fork.target(), fork.length());
        } else if (operation instanceof StepPlan.Truncation truncation) {
            context.truncateSequence(truncation.sequence(), truncation.length());
        } else if (operation instanceof StepPlan.Wipe) {
            context.wipe();
        }
    }

    private void addTree(ScoringTree tree) {
        List<List<Integer>> members = new ArrayList<>(tree.size());
        for (int node = 0; node < tree.size(); node++) {
            members.add(new ArrayList<>());
        }
        boolean borrowed = false;
        for (int node = 0; node < tree.size(); node++) {
            if (!tree.isLeaf(node)) {
                continue;
            }
            int sequence = borrowed ? nextLeafSequence++ : tree.sequence();
            if (borrowed) {
                context.copySequence(tree.sequence(), sequence, tree.start());
                undo.add(new StepPlan.Truncation(sequence, 0));
            } else {
                undo.add(new StepPlan.Truncation(sequence, tree.start()));
                borrowed = true;
            }
            for (int up = node; up >= 0; up = tree.parent(up)) {
                members.get(up).add(sequence);
            }
        }
        for (int node = 0; node < tree.size(); node++) {
            int[] sequences = members.get(node).stream().mapToInt(Integer::intValue).toArray();
            batch.add(tree.token(node), tree.position(node), sequences, tree.output(node));
        }
    }

    private static String reason(int code, StepPlan plan) {
        if (code == 1) {
            return "llama.cpp found no room in its KV cache for " + plan.computedRows() + " rows";
        }
        return "llama.cpp failed to decode a batch of "
                + plan.computedRows()
                + " rows (code "
                + code
                + ")";
    }

    @Override
    public void close() {
        context.close();
        adapters.forEach(LlamaAdapter::close);
        batch.close();
    }

    private final class Computed implements StepResult.Computed {
        @Override
        public LogitRow logits(int output) {
            return context.logits(output);
        }
    }
}
