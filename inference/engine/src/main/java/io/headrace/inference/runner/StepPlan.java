package io.headrace.inference.runner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one step computes: a plain value between the scheduler and the model runner.
 *
 * <p>A runner first applies the sequence operations in their order, then computes rows and scoring
 * trees together. Rows of one sequence are adjacent and their positions follow on from what the
 * sequence holds. Logits are numbered in the order in which rows and then nodes of trees ask for
 * them.
 */
public final class StepPlan {

    /** A change to what sequences hold, before anything is computed. */
    public sealed interface SequenceOperation {}

    /** Cuts a sequence to its first {@code length} tokens; 0 frees it. */
    public record Truncation(int sequence, int length) implements SequenceOperation {}

    /** Gives an empty sequence the first {@code length} tokens of another, without copying data. */
    public record Fork(int source, int target, int length) implements SequenceOperation {}

    /**
     * Clears what no sequence holds any more: numbers left there that are none would else reach
     * what is computed beside them. All sequences are empty by then.
     */
    public record Wipe() implements SequenceOperation {}

    private final List<SequenceOperation> operations = new ArrayList<>();
    private final List<ScoringTree> trees = new ArrayList<>();
    private final int adapter;
    private int[] tokens = new int[64];
    private int[] sequences = new int[64];
    private int[] positions = new int[64];
    private boolean[] outputs = new boolean[64];
    private int rows;
    private int treeRows;
    private int treeLeaves;
    private int rowOutputs;
    private int treeOutputs;

    /** A plan for the model as it is. */
    public StepPlan() {
        this(0);
    }

    /**
     * @param adapter what all rows are computed with: 0 for the model as it is, or the number of an
     *     adapter
     */
    public StepPlan(int adapter) {
        this.adapter = adapter;
    }

    public int adapter() {
        return adapter;
    }

    public void operation(SequenceOperation operation) {
        operations.add(operation);
    }

    /** Adds a row that stays in its sequence. */
    public void row(int token, int sequence, int position, boolean output) {
        if (rows == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * rows);
            sequences = Arrays.copyOf(sequences, 2 * rows);
            positions = Arrays.copyOf(positions, 2 * rows);
            outputs = Arrays.copyOf(outputs, 2 * rows);
        }
        tokens[rows] = token;
        sequences[rows] = sequence;
        positions[rows] = position;
        outputs[rows] = output;
        rows++;
        rowOutputs += output ? 1 : 0;
    }

    /** Adds a tree whose nodes are computed and then forgotten. */
    public void tree(ScoringTree tree) {
        trees.add(tree);
        treeRows += tree.size();
        treeLeaves += tree.leaves();
        treeOutputs += tree.outputRows();
    }

    public List<SequenceOperation> operations() {
        return operations;
    }

    public List<ScoringTree> trees() {
        return trees;
    }

    /** Returns the number of rows that stay; {@link #computedRows()} counts the trees' too. */
    public int rows() {
        return rows;
    }

    public int token(int row) {
        return tokens[row];
    }

    public int sequence(int row) {
        return sequences[row];
    }

    public int position(int row) {
        return positions[row];
    }

    public boolean output(int row) {
        return outputs[row];
    }

    public int computedRows() {
        return rows + treeRows;
    }

    public int treeLeaves() {
        return treeLeaves;
    }

    /** Returns the number of rows and nodes whose logits are asked for. */
    public int outputRows() {
        return rowOutputs + treeOutputs;
    }

    /** Returns the number of rows whose logits are asked for, without nodes of trees. */
    public int rowOutputs() {
        return rowOutputs;
    }

    /** Returns whether there is nothing at all to do. */
    public boolean isEmpty() {
        return computedRows() == 0 && operations.isEmpty();
    }
}
