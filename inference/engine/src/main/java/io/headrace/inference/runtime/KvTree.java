package io.headrace.inference.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A mirror in Java of what the KV cache holds: a radix tree of tokens in which every sequence is a
 * path from the root.
 *
 * <p>A node is a run of tokens whose cells are shared by exactly the sequences that end in it or
 * below it, so the lengths of the nodes add up to the cells in use. Forking at any depth shares the
 * cells above; a run is split where a sequence ends or forks inside it, and joined again when
 * nothing needs the split. What one adapter computed is of no use to another, so each has a tree of
 * its own. Two sequences that computed equal tokens each on their own are two branches: equal
 * tokens alone share no cells.
 *
 * <p>Owned by the engine's thread. {@link #checkInvariants()} is called by tests.
 */
final class KvTree {

    /** A run of tokens, from {@code start} to {@code start + length} of every path through it. */
    static final class Node {
        private Node parent;
        private final List<Node> children = new ArrayList<>();
        private final List<KvSequence> sequences = new ArrayList<>();
        private int[] tokens;
        private int length;
        private int start;

        private Node(Node parent, int start, int[] tokens, int from, int to) {
            this.parent = parent;
            this.start = start;
            this.tokens = Arrays.copyOfRange(tokens, from, to);
            this.length = to - from;
        }

        int end() {
            return start + length;
        }

        /** Returns the sequences that end exactly here. */
        List<KvSequence> sequences() {
            return sequences;
        }

        private boolean isUnused() {
            return sequences.isEmpty() && children.isEmpty() && parent != null;
        }
    }

    /**
     * The longest known beginning of some tokens.
     *
     * @param source a sequence that holds it; null where {@code length} is 0
     */
    record Match(KvSequence source, int length) {}

    private final Node root = new Node(null, 0, new int[0], 0, 0);
    private int usedCells;

    int usedCells() {
        return usedCells;
    }

    /** Finds the sequence that shares the longest beginning with the tokens, at most the limit. */
    Match match(int[] tokens, int limit) {
        Node node = root;
        int depth = 0;
        while (depth < limit) {
            Node best = null;
            int longest = 0;
            for (Node child : node.children) {
                int common = commonLength(child, tokens, depth, limit);
                if (common > longest) {
                    longest = common;
                    best = child;
                }
            }
            if (best == null) {
                break;
            }
            depth += longest;
            node = best;
            if (longest < best.length) {
                break;
            }
        }
        return depth == 0 ? new Match(null, 0) : new Match(anySequenceBelow(node), depth);
    }

    /** Registers an empty sequence. */
    KvSequence open(int number) {
        KvSequence sequence = new KvSequence(this, number, root);
        root.sequences.add(sequence);
        return sequence;
    }

    /** Registers a sequence that shares the first tokens of another. */
    KvSequence fork(KvSequence source, int length, int number) {
        Node node = nodeEndingAt(source.tip, length);
        KvSequence sequence = new KvSequence(this, number, node);
        node.sequences.add(sequence);
        return sequence;
    }

    /** Records tokens that a sequence has computed behind what it held. */
    void append(KvSequence sequence, int[] tokens, int from, int to) {
        if (from == to) {
            return;
        }
        Node tip = sequence.tip;
        boolean alone = tip.parent != null && tip.children.isEmpty() && tip.sequences.size() == 1;
        if (alone) {
            int added = to - from;
            if (tip.length + added > tip.tokens.length) {
                tip.tokens =
                        Arrays.copyOf(tip.tokens, Math.max(2 * tip.length, tip.length + added));
            }
            System.arraycopy(tokens, from, tip.tokens, tip.length, added);
            tip.length += added;
        } else {
            Node child = new Node(tip, tip.end(), tokens, from, to);
            tip.children.add(child);
            tip.sequences.remove(sequence);
            child.sequences.add(sequence);
            sequence.tip = child;
        }
        usedCells += to - from;
    }

    /** Cuts a sequence to its first tokens. */
    void truncate(KvSequence sequence, int length) {
        if (length >= sequence.length()) {
            return;
        }
        Node old = sequence.tip;
        Node node = nodeEndingAt(old, length);
        old.sequences.remove(sequence);
        node.sequences.add(sequence);
        sequence.tip = node;
        prune(old);
    }

    /** Removes a sequence and the cells that only it used. */
    void close(KvSequence sequence) {
        Node tip = sequence.tip;
        tip.sequences.remove(sequence);
        prune(tip);
    }

    /** Returns whether all that a sequence holds is the beginning of the tokens. */
    boolean holdsPrefix(KvSequence sequence, int[] tokens) {
        if (sequence.tree() != this) {
            return false;
        }
        for (Node node = sequence.tip; node.parent != null; node = node.parent) {
            if (node.end() > tokens.length
                    || commonLength(node, tokens, node.start, node.end()) < node.length) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a kept prefix ends where the first tokens of this sequence end. */
    boolean endsIdle(KvSequence sequence, int length, IdleSequences idle) {
        Node node = sequence.tip;
        while (node.parent != null && node.start >= length) {
            node = node.parent;
        }
        return node.end() == length && idle.endsAt(node);
    }

    private static int commonLength(Node node, int[] tokens, int depth, int limit) {
        int most = Math.min(node.length, limit - depth);
        int common = 0;
        while (common < most && node.tokens[common] == tokens[depth + common]) {
            common++;
        }
        return common;
    }

    private static KvSequence anySequenceBelow(Node node) {
        Node below = node;
        while (below.sequences.isEmpty()) {
            below = below.children.get(0);
        }
        return below.sequences.get(0);
    }

    /**
     * Returns the node on the path to {@code tip} that ends at a length, splitting a run for it.
     */
    private Node nodeEndingAt(Node tip, int length) {
        Node node = tip;
        while (node.parent != null && node.start >= length) {
            node = node.parent;
        }
        return node.end() == length ? node : split(node, length - node.start);
    }

    /** Puts a new node above the tail of a run; the run's own node keeps the tail. */
    private static Node split(Node node, int at) {
        Node upper = new Node(node.parent, node.start, node.tokens, 0, at);
        node.parent.children.set(node.parent.children.indexOf(node), upper);
        upper.children.add(node);
        node.parent = upper;
        node.tokens = Arrays.copyOfRange(node.tokens, at, node.length);
        node.length -= at;
        node.start += at;
        return upper;
    }

    private void prune(Node from) {
        Node node = from;
        while (node.isUnused()) {
            Node parent = node.parent;
            parent.children.remove(node);
            usedCells -= node.length;
            node = parent;
        }
        joinWithOnlyChild(node);
    }

    private void joinWithOnlyChild(Node node) {
        if (node.parent == null || !node.sequences.isEmpty() || node.children.size() != 1) {
            return;
        }
        Node child = node.children.get(0);
        int[] joined = Arrays.copyOf(node.tokens, node.length + child.length);
        System.arraycopy(child.tokens, 0, joined, node.length, child.length);
        child.tokens = joined;
        child.length = joined.length;
        child.start = node.start;
        child.parent = node.parent;
        node.parent.children.set(node.parent.children.indexOf(node), child);
    }

    /** Throws if the tree contradicts itself. */
    void checkInvariants() {
        int cells = check(root);
        if (cells != usedCells) {
            throw new IllegalStateException(
                    "the runs hold " + cells + " tokens, but " + usedCells + " cells are counted");
        }
    }

    private int check(Node node) {
        if (node.isUnused()) {
            throw new IllegalStateException(
                    "a run ending at " + node.end() + " is used by nothing");
        }
        int cells = node.length;
        for (KvSequence sequence : node.sequences) {
            if (sequence.tip != node) {
                throw new IllegalStateException(
                        "sequence " + sequence.number() + " does not end where it is registered");
            }
        }
        for (Node child : node.children) {
            if (child.parent != node || child.start != node.end() || child.length == 0) {
                throw new IllegalStateException("a run is not joined to the one before it");
            }
            cells += check(child);
        }
        return cells;
    }
}
