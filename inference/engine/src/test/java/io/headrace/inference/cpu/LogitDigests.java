package io.headrace.inference.cpu;

import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.ScoringTree;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Notes the bits of all logits that an engine asks for, by the tokens that they stand behind, and
 * counts those that differ from what was noted before. Shared by several engines, one at a time.
 */
final class LogitDigests implements ModelRunner {

    private final ModelRunner runner;
    private final Map<List<Integer>, Long> digests;
    private final List<List<Integer>> differing;
    private final List<List<Integer>> sequences = new ArrayList<>();
    private final float[] logits;
    private final ByteBuffer bytes;

    LogitDigests(
            ModelRunner runner, Map<List<Integer>, Long> digests, List<List<Integer>> differing) {
        this.runner = runner;
        this.digests = digests;
        this.differing = differing;
        this.logits = new float[runner.limits().vocabularySize()];
        this.bytes = ByteBuffer.allocate(4 * logits.length);
        for (int i = 0; i < runner.limits().sequences(); i++) {
            sequences.add(new ArrayList<>());
        }
    }

    @Override
    public RunnerLimits limits() {
        return runner.limits();
    }

    @Override
    public StepResult execute(StepPlan plan) {
        plan.operations().forEach(this::apply);
        StepResult result = runner.execute(plan);
        StepResult.Computed computed = (StepResult.Computed) result;
        int output = 0;
        for (int row = 0; row < plan.rows(); row++) {
            List<Integer> sequence = sequences.get(plan.sequence(row));
            sequence.add(plan.token(row));
            if (plan.output(row)) {
                note(List.copyOf(sequence), computed, output++);
            }
        }
        for (ScoringTree tree : plan.trees()) {
            for (int node = 0; node < tree.size(); node++) {
                if (tree.output(node)) {
                    note(path(tree, node), computed, output++);
                }
            }
        }
        return result;
    }

    private List<Integer> path(ScoringTree tree, int node) {
        List<Integer> path =
                node < 0
                        ? new ArrayList<>(sequences.get(tree.sequence()))
                        : path(tree, tree.parent(node));
        if (node >= 0) {
            path.add(tree.token(node));
        }
        return path;
    }

    private void note(List<Integer> tokens, StepResult.Computed computed, int output) {
        computed.logits(output).copyTo(logits);
        bytes.asFloatBuffer().put(logits);
        CRC32C digest = new CRC32C();
        digest.update(bytes.array());
        Long before = digests.putIfAbsent(tokens, digest.getValue());
        if (before != null && before != digest.getValue()) {
            differing.add(tokens);
        }
    }

    private void apply(StepPlan.SequenceOperation operation) {
        if (operation instanceof StepPlan.Fork fork) {
            sequences
                    .get(fork.target())
                    .addAll(sequences.get(fork.source()).subList(0, fork.length()));
        } else if (operation instanceof StepPlan.Truncation truncation) {
            List<Integer> sequence = sequences.get(truncation.sequence());
            sequence.subList(Math.min(truncation.length(), sequence.size()), sequence.size())
                    .clear();
        }
    }

    @Override
    public void close() {
        runner.close();
    }
}
