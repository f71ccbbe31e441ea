package io.headrace.inference.runtime;

import io.headrace.inference.runner.RunnerLimits;
import io.headrace.inference.runner.StepPlan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The KV cache as the scheduler sees it: which prefixes it holds, which sequence numbers and cells
 * are free, and what to evict. Running requests share from it, and leave their shared beginnings in
 * it when they end.
 *
 * <p>Its changes to sequences go into the next plan in the order in which they were made. Owned by
 * the engine's thread.
 */
final class PrefixCache {

    private final int cells;
    private final int mostIdle;
    private final Map<Integer, KvTree> trees = new HashMap<>();
    private final IdleSequences idle = new IdleSequences();
    private final ArrayDeque<Integer> freeNumbers = new ArrayDeque<>();
    private final List<StepPlan.SequenceOperation> pending = new ArrayList<>();

    /**
     * @param mostIdle the most prefixes kept that no running request uses
     */
    PrefixCache(RunnerLimits limits, int mostIdle) {
        this.cells = limits.cells();
        this.mostIdle = mostIdle;
        for (int number = 0; number < limits.sequences(); number++) {
            freeNumbers.add(number);
        }
    }

    int usedCells() {
        int used = 0;
        for (KvTree tree : trees.values()) {
            used += tree.usedCells();
        }
        return used;
    }

    int freeCells() {
        return cells - usedCells();
    }

    /** Finds what is known of a prompt; its last token is always computed anew, for its logits. */
    KvTree.Match match(int adapter, int[] prompt) {
        return tree(adapter).match(prompt, prompt.length - 1);
    }

    private KvTree tree(int adapter) {
        return trees.computeIfAbsent(adapter, number -> new KvTree());
    }

    /** Returns whether this many cells are free or were made so by evicting idle prefixes. */
    boolean makeRoom(int wanted) {
        boolean evicted = true;
        while (freeCells() < wanted && evicted) {
            evicted = evictOne();
        }
        return freeCells() >= wanted;
    }

    /** Starts a sequence from the longest known beginning; null where no number can be freed. */
    KvSequence open(int adapter, int[] prompt, KvTree.Match match) {
        KvTree tree = tree(adapter);
        Integer number = freeNumbers.poll();
        if (number == null) {
            return null;
        }
        if (match.length() == 0) {
            return tree.open(number);
        }
        pending.add(new StepPlan.Fork(match.source().number(), number, match.length()));
        idle.touch(prompt, match.length(), tree);
        return tree.fork(match.source(), match.length(), number);
    }

    /** Makes sure that a sequence number is free; returns whether one is. */
    boolean freeNumber() {
        return !freeNumbers.isEmpty() || evictOne();
    }

    void computed(KvSequence sequence, int[] tokens, int from, int to) {
        sequence.tree().append(sequence, tokens, from, to);
    }

    /** Makes the backend forget what it computed behind the tokens that a sequence holds. */
    void forgetRest(KvSequence sequence) {
        pending.add(new StepPlan.Truncation(sequence.number(), sequence.length()));
    }

    /**
     * Ends a sequence and keeps the first of these beginnings of it that is not kept yet.
     *
     * @param beginnings their lengths, the most wanted first; 0 and what is not held are passed
     *     over
     */
    void release(KvSequence sequence, int[] beginnings) {
        KvTree tree = sequence.tree();
        for (int boundary : beginnings) {
            if (boundary == 0 || boundary > sequence.length()) {
                continue;
            }
            if (!tree.endsIdle(sequence, boundary, idle)) {
                pending.add(new StepPlan.Truncation(sequence.number(), boundary));
                tree.truncate(sequence, boundary);
                idle.add(sequence);
                if (idle.size() > mostIdle) {
                    evictOne();
                }
                return;
            }
        }
        free(sequence);
    }

    /** Ends a sequence and keeps nothing of it. */
    void free(KvSequence sequence) {
        pending.add(new StepPlan.Truncation(sequence.number(), 0));
        sequence.tree().close(sequence);
        freeNumbers.addLast(sequence.number());
    }

    /** Forgets every prefix and clears the memory; no request may be running. */
    void wipe() {
        while (evictOne()) {
            // All of them.
        }
        pending.add(new StepPlan.Wipe());
    }

    /** Moves the changes made since the last plan into this one. */
    void planOperations(StepPlan plan) {
        pending.forEach(plan::operation);
        pending.clear();
    }

    private boolean evictOne() {
        KvSequence evicted = idle.evict();
        if (evicted == null) {
            return false;
        }
        free(evicted);
        return true;
    }

    int idleSequences() {
        return idle.size();
    }

    int freeSequences() {
        return freeNumbers.size();
    }

    void checkInvariants() {
        trees.values().forEach(KvTree::checkInvariants);
        if (usedCells() > cells) {
            throw new IllegalStateException(usedCells() + " cells are used of " + cells);
        }
    }
}
