package io.headrace.inference.runtime;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * The prefixes that no running request needs, kept for requests to come; the least recently used
 * goes first. Owned by the engine's thread.
 */
final class IdleSequences {

    private final ArrayDeque<KvSequence> leastRecentFirst = new ArrayDeque<>();

    int size() {
        return leastRecentFirst.size();
    }

    void add(KvSequence sequence) {
        leastRecentFirst.addLast(sequence);
    }

    /** Returns whether a prefix that ends exactly at this node is kept. */
    boolean endsAt(KvTree.Node node) {
        for (KvSequence sequence : node.sequences()) {
            if (leastRecentFirst.contains(sequence)) {
                return true;
            }
        }
        return false;
    }

    /** Marks what a request shared as used now: its source and every kept prefix of that. */
    void touch(int[] tokens, int length, KvTree tree) {
        ArrayDeque<KvSequence> touched = new ArrayDeque<>();
        for (Iterator<KvSequence> all = leastRecentFirst.iterator(); all.hasNext(); ) {
            KvSequence sequence = all.next();
            if (sequence.length() <= length && tree.holdsPrefix(sequence, tokens)) {
                all.remove();
                touched.addLast(sequence);
            }
        }
        leastRecentFirst.addAll(touched);
    }

    /** Removes and returns the least recently used; null where none is left. */
    KvSequence evict() {
        return leastRecentFirst.pollFirst();
    }
}
