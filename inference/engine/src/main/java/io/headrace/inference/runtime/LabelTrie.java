package io.headrace.inference.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens of a set of labels as a trie; parents come before their children. Immutable.
 *
 * <p>Labels with equal tokens end at the same node.
 */
final class LabelTrie {

    private final int[] tokens;
    private final int[] parents;
    private final int[] lastNodes;
    private final List<int[]> childrenOf;
    private final int[] roots;
    private final int longestPath;

    private LabelTrie(
            List<Integer> tokens, List<Integer> parents, int[] lastNodes, int longestPath) {
        this.tokens = toArray(tokens);
        this.parents = toArray(parents);
        this.lastNodes = lastNodes;
        this.longestPath = longestPath;
        List<List<Integer>> children = new ArrayList<>();
        List<Integer> first = new ArrayList<>();
        for (int node = 0; node < this.tokens.length; node++) {
            children.add(new ArrayList<>());
            (this.parents[node] < 0 ? first : children.get(this.parents[node])).add(node);
        }
        this.roots = toArray(first);
        this.childrenOf = children.stream().map(LabelTrie::toArray).toList();
    }

    /** Builds the trie of labels of at least one token each. */
    static LabelTrie of(List<int[]> labels) {
        record Edge(int parent, int token) {}
        Map<Edge, Integer> nodes = new HashMap<>();
        List<Integer> tokens = new ArrayList<>();
        List<Integer> parents = new ArrayList<>();
        int[] lastNodes = new int[labels.size()];
        int longest = 0;
        for (int label = 0; label < labels.size(); label++) {
            int node = -1;
            for (int token : labels.get(label)) {
                Integer known = nodes.putIfAbsent(new Edge(node, token), tokens.size());
                if (known == null) {
                    tokens.add(token);
                    parents.add(node);
                    node = tokens.size() - 1;
                } else {
                    node = known;
                }
            }
            lastNodes[label] = node;
            longest = Math.max(longest, labels.get(label).length);
        }
        return new LabelTrie(tokens, parents, lastNodes, longest);
    }

    /** Returns the number of nodes. */
    int size() {
        return tokens.length;
    }

    int labels() {
        return lastNodes.length;
    }

    int token(int node) {
        return tokens[node];
    }

    /** Returns the node before, or -1 at the beginning. */
    int parent(int node) {
        return parents[node];
    }

    /** Returns the node of a label's last token. */
    int lastNode(int label) {
        return lastNodes[label];
    }

    /**
     * Returns the nodes that may follow a node, or that may come first for -1. Not to be changed.
     */
    int[] children(int node) {
        return node < 0 ? roots : childrenOf.get(node);
    }

    int longestPath() {
        return longestPath;
    }

    /** Returns the nodes from the first token to a label's last. */
    int[] path(int label) {
        int[] path = new int[longestPath];
        int from = path.length;
        for (int node = lastNodes[label]; node >= 0; node = parents[node]) {
            path[--from] = node;
        }
        return Arrays.copyOfRange(path, from, path.length);
    }

    private static int[] toArray(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
