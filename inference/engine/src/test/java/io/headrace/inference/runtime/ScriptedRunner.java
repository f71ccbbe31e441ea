package io.headrace.inference.runtime;

import io.headrace.inference.logits.ArrayRow;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.ScoringTree;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model in Java: its logits after some tokens are a hash of all of them. So an answer is right
 * only if every row saw exactly the tokens that it should have seen. Plans that break the runner's
 * contract are refused.
 */
final class ScriptedRunner implements ModelRunner {

    private final RunnerLimits limits;
    private final Map<Integer, int[]> held = new HashMap<>();
    private final Set<Long> cells = new HashSet<>();
    private final List<int[]> outputs = new ArrayList<>();
    private final boolean copying;
    private String failNext;
    private int steps;
    private int mostRows;
    private long rows;

    ScriptedRunner(RunnerLimits limits) {
        this(limits, false);
    }

    /**
     * @param copying whether the model mostly goes on as the tokens before did
     */
    ScriptedRunner(RunnerLimits limits, boolean copying) {
        this.limits = limits;
        this.copying = copying;
    }

    void failNextStep(String reason) {
        failNext = reason;
    }

    int steps() {
        return steps;
    }

    int mostRows() {
        return mostRows;
    }

    long rows() {
        return rows;
    }

    @Override
    public RunnerLimits limits() {
        return limits;
    }

    @Override
    public StepResult execute(StepPlan plan) {
        plan.operations().forEach(this::apply);
        steps++;
        rows += plan.computedRows();
        mostRows = Math.max(mostRows, plan.computedRows());
        require(plan.computedRows() <= limits.rows(), "too many rows");
        require(plan.outputRows() <= limits.outputs(), "too many outputs");
        require(plan.treeLeaves() <= limits.treeLeaves(), "too many leaves");
        if (failNext != null && plan.computedRows() > 0) {
            String reason = failNext;
            failNext = null;
            return new StepResult.Failed(reason);
        }
        outputs.clear();
        for (int row = 0; row < plan.rows(); row++) {
            int sequence = plan.sequence(row);
            int[] before = held.getOrDefault(sequence, new int[0]);
            require(sequence < limits.sequences(), "a sequence number beyond the limit");
            require(plan.position(row) == before.length, "a gap in sequence " + sequence);
            int[] after = with(before, plan.token(row));
            held.put(sequence, after);
            if (plan.output(row)) {
                outputs.add(after);
            }
        }
        plan.trees().forEach(this::score);
        require(usedCells() + treeRows(plan) <= limits.cells(), "too many cells");
        return (StepResult.Computed) output -> new ArrayRow(logits(outputs.get(output)));
    }

    /** Returns the logits after some tokens. */
    float[] logits(int[] tokens) {
        long hash = hash(tokens);
        float[] row = logits(hash, limits.vocabularySize());
        if (copying && Math.floorMod(hash, 9) > 0) {
            int last = tokens.length - 1;
            for (int place = 0; place < last; place++) {
                if (tokens[place] == tokens[last]) {
                    row[tokens[place + 1]] += 100 + place;
                }
            }
        }
        return row;
    }

    private static float[] logits(long hash, int vocabularySize) {
        float[] row = new float[vocabularySize];
        java.util.SplittableRandom random = new java.util.SplittableRandom(hash);
        for (int token = 0; token < vocabularySize; token++) {
            row[token] = (float) (6 * random.nextDouble());
        }
        return row;
    }

    static long hash(int[] tokens) {
        long hash = 1469598103934665603L;
        for (int token : tokens) {
            hash = (hash ^ (token + 1)) * 1099511628211L;
        }
        return hash;
    }

    private void apply(StepPlan.SequenceOperation operation) {
        if (operation instanceof StepPlan.Fork fork) {
            int[] source = held.get(fork.source());
            require(source != null && source.length >= fork.length(), "a fork of what is not held");
            require(!held.containsKey(fork.target()), "a fork into a sequence in use");
            held.put(fork.target(), Arrays.copyOf(source, fork.length()));
        } else if (operation instanceof StepPlan.Truncation truncation) {
            int[] before = held.remove(truncation.sequence());
            if (truncation.length() > 0) {
                require(before != null && before.length >= truncation.length(), "a bad truncation");
                held.put(truncation.sequence(), Arrays.copyOf(before, truncation.length()));
            }
        }
    }

    private void score(ScoringTree tree) {
        int[] before = held.get(tree.sequence());
        require(before != null && before.length == tree.start(), "a tree at a wrong place");
        int[][] paths = new int[tree.size()][];
        for (int node = 0; node < tree.size(); node++) {
            int[] parent = tree.parent(node) < 0 ? before : paths[tree.parent(node)];
            require(tree.position(node) == parent.length, "a node at a wrong position");
            paths[node] = with(parent, tree.token(node));
            if (tree.output(node)) {
                outputs.add(paths[node]);
            }
        }
    }

    /** Counts distinct beginnings: what a cache that shares perfectly would need at least. */
    private int usedCells() {
        cells.clear();
        held.values()
                .forEach(
                        tokens -> {
                            for (int length = 1; length <= tokens.length; length++) {
                                cells.add(hash(Arrays.copyOf(tokens, length)));
                            }
                        });
        return cells.size();
    }

    private static int treeRows(StepPlan plan) {
        return plan.trees().stream().mapToInt(ScoringTree::size).sum();
    }

    /** Returns how many sequences hold anything. */
    int heldSequences() {
        return held.size();
    }

    private static int[] with(int[] tokens, int token) {
        int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
        longer[tokens.length] = token;
        return longer;
    }

    private static void require(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalStateException("the plan has " + problem);
        }
    }

    @Override
    public void close() {}
}
