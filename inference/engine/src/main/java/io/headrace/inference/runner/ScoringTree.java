package io.headrace.inference.runner;

/**
 * Tokens that continue a sequence in several ways at once, to read their logits and forget them.
 *
 * <p>A node sees what the sequence holds, its ancestors and itself. The sequence is as before when
 * the step is done. Parents come before their children; -1 is the end of the sequence.
 */
public final class ScoringTree {

    private final int sequence;
    private final int position;
    private final int[] tokens;
    private final int[] parents;
    private final boolean[] outputs;
    private final int[] depths;
    private final boolean[] inner;
    private final int leaves;
    private final int outputRows;

    /**
     * @param sequence the sequence that is continued
     * @param position the number of tokens that it holds
     * @param tokens the nodes' tokens
     * @param parents the nodes' parents
     * @param outputs whose logits are asked for
     */
    public ScoringTree(int sequence, int position, int[] tokens, int[] parents, boolean[] outputs) {
        this.sequence = sequence;
        this.position = position;
        this.tokens = tokens;
        this.parents = parents;
        this.outputs = outputs;
        this.depths = new int[tokens.length];
        this.inner = new boolean[tokens.length];
        int read = 0;
        int ends = tokens.length;
        for (int node = 0; node < tokens.length; node++) {
            int parent = parents[node];
            if (parent >= node || parent < -1) {
                throw new IllegalArgumentException("node " + node + " comes before its parent");
            }
            if (parent >= 0) {
                depths[node] = depths[parent] + 1;
                if (!inner[parent]) {
                    inner[parent] = true;
                    ends--;
                }
            }
            read += outputs[node] ? 1 : 0;
        }
        this.leaves = ends;
        this.outputRows = read;
    }

    public int size() {
        return tokens.length;
    }

    public int sequence() {
        return sequence;
    }

    public int token(int node) {
        return tokens[node];
    }

    public int parent(int node) {
        return parents[node];
    }

    /** Returns the position of a node's token. */
    public int position(int node) {
        return position + depths[node];
    }

    /** Returns the number of tokens that the sequence holds. */
    public int start() {
        return position;
    }

    public boolean output(int node) {
        return outputs[node];
    }

    public boolean isLeaf(int node) {
        return !inner[node];
    }

    public int leaves() {
        return leaves;
    }

    public int outputRows() {
        return outputRows;
    }
}
