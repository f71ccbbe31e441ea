package io.headrace.inference;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Deals GPUs to the task slots of a process: a slot that has none gets the one that fewest slots
 * have, and keeps it while any of its models computes there. Thread-safe.
 */
public final class GpuDealer {

    /** The one of this process. */
    public static final GpuDealer PROCESS = new GpuDealer();

    private static final class Hand {
        private final int gpu;
        private int users;

        Hand(int gpu) {
            this.gpu = gpu;
        }
    }

    private final Map<String, Hand> slots = new HashMap<>();

    /**
     * Returns the slot's GPU, which stays the same until {@link #giveBack} was called as often.
     *
     * @param gpus numbers of the GPUs to choose from, at least one
     */
    public synchronized int take(String slot, List<Integer> gpus) {
        Hand hand = slots.computeIfAbsent(slot, it -> new Hand(leastTaken(gpus)));
        hand.users++;
        return hand.gpu;
    }

    /** Undoes one {@link #take}. */
    public synchronized void giveBack(String slot) {
        Hand hand = slots.get(slot);
        hand.users--;
        if (hand.users == 0) {
            slots.remove(slot);
        }
    }

    private int leastTaken(List<Integer> gpus) {
        return gpus.stream()
                .min(Comparator.comparingLong(this::slotsWith).thenComparing(gpu -> gpu))
                .orElseThrow();
    }

    private long slotsWith(int gpu) {
        return slots.values().stream().filter(hand -> hand.gpu == gpu).count();
    }
}
