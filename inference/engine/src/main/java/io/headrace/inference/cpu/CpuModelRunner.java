package io.headrace.inference.cpu;

import com.sun.jna.Pointer;
import io.headrace.inference.CacheType;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.logits.LogitRow;
import io.headrace.inference.logits.NativeRow;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.ScoringTree;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import java.util.List;

/**
 * Computes steps with headrace's own CPU engine. A row's logits depend on its tokens alone, to the
 * last bit: not on the other rows, the cuts between steps, forks or the number of threads.
 */
final class CpuModelRunner implements ModelRunner {

    private final RunnerLimits limits;
    private final Computed computed = new Computed();
    private final int[] tokens;
    private final int[] sequences;
    private final int[] positions;
    private final int[] parents;
    private final byte[] outputs;
    private final List<CpuAdapter> adapters;
    private int adapter;
    private int rows;
    private int outputRows;
    private Pointer context;

    /**
     * @param weights must outlive this runner
     * @param adapters by number less one; closed with this runner
     * @param cacheType which the width of the heads allows
     * @param positions the most tokens of a sequence
     */
    CpuModelRunner(
            CpuWeights weights,
            List<CpuAdapter> adapters,
            RunnerLimits limits,
            CacheType cacheType,
            int positions,
            int threads) {
        this.adapters = adapters;
        this.limits = limits;
        this.tokens = new int[limits.rows()];
        this.sequences = new int[limits.rows()];
        this.positions = new int[limits.rows()];
        this.parents = new int[limits.rows()];
        this.outputs = new byte[limits.rows()];
        this.context =
                KernelsNative.hr_context_new(
                        weights.handle(),
                        cacheType == CacheType.Q8 ? 8 : 16,
                        limits.cells(),
                        Math.min(positions, limits.cells()),
                        limits.sequences(),
                        limits.rows(),
                        limits.outputs(),
                        threads);
        if (context == null) {
            throw new ModelLoadException(
                    "Memory is short for a KV cache of " + limits.cells() + " tokens.");
        }
    }

    @Override
    public RunnerLimits limits() {
        return limits;
    }

    @Override
    public StepResult execute(StepPlan plan) {
        if (context == null) {
            throw new IllegalStateException("the runner is closed");
        }
        plan.operations().forEach(this::apply);
        outputRows = 0;
        if (plan.computedRows() == 0) {
            return computed;
        }
        if (plan.computedRows() > limits.rows() || plan.outputRows() > limits.outputs()) {
            throw new IllegalArgumentException(
                    "a step takes " + limits + ", not " + plan.computedRows() + " rows");
        }
        take(plan);
        use(plan.adapter());
        int code =
                KernelsNative.hr_step(
                        context, rows, tokens, sequences, positions, parents, outputs);
        if (code == KernelsNative.NO_PAGES) {
            return new StepResult.Failed("there is no room in the KV cache for " + rows + " rows");
        }
        if (code != 0) {
            throw new IllegalArgumentException("the plan does not fit what the sequences hold");
        }
        outputRows = plan.outputRows();
        return computed;
    }

    private void use(int number) {
        if (number != adapter) {
            Pointer handle = number == 0 ? null : adapters.get(number - 1).handle();
            if (KernelsNative.hr_use_adapter(context, handle) != 0) {
                throw new IllegalStateException("memory is short for an adapter");
            }
            adapter = number;
        }
    }

    private void apply(StepPlan.SequenceOperation operation) {
        int code = 0;
        if (operation instanceof StepPlan.Fork fork) {
            code = KernelsNative.hr_fork(context, fork.source(), fork.target(), fork.length());
        } else if (operation instanceof StepPlan.Truncation truncation) {
            code = KernelsNative.hr_truncate(context, truncation.sequence(), truncation.length());
        }
        if (code != 0) {
            throw new IllegalArgumentException(operation + " does not fit what sequences hold");
        }
    }

    private void take(StepPlan plan) {
        rows = 0;
        for (int row = 0; row < plan.rows(); row++) {
            add(
                    plan.token(row),
                    plan.sequence(row),
                    plan.position(row),
                    KernelsNative.STAYS,
                    plan.output(row));
        }
        for (ScoringTree tree : plan.trees()) {
            int first = rows;
            for (int node = 0; node < tree.size(); node++) {
                int parent = tree.parent(node);
                add(
                        tree.token(node),
                        tree.sequence(),
                        tree.position(node),
                        parent < 0 ? -1 : first + parent,
                        tree.output(node));
            }
        }
    }

    private void add(int token, int sequence, int position, int parent, boolean output) {
        tokens[rows] = token;
        sequences[rows] = sequence;
        positions[rows] = position;
        parents[rows] = parent;
        outputs[rows] = (byte) (output ? 1 : 0);
        rows++;
    }

    /** Computes the next steps with so many threads, at most those it was made with. */
    void useThreads(int threads) {
        if (KernelsNative.hr_use_threads(context, threads) != 0) {
            throw new IllegalArgumentException("there are not " + threads + " threads");
        }
    }

    @Override
    public void close() {
        if (context != null) {
            KernelsNative.hr_context_free(context);
            context = null;
            adapters.forEach(CpuAdapter::close);
        }
    }

    private final class Computed implements StepResult.Computed {
        @Override
        public LogitRow logits(int output) {
            if (output < 0 || output >= outputRows) {
                throw new IndexOutOfBoundsException(
                        "the last step gave " + outputRows + " rows of logits, not " + output);
            }
            return NativeRow.at(KernelsNative.hr_logits(context, output), limits.vocabularySize());
        }
    }
}
