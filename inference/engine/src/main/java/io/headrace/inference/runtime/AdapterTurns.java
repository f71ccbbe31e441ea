package io.headrace.inference.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/**
 * Whose turn it is: a step computes with one adapter only, and llama.cpp plans its memory anew when
 * the adapter changes, so each keeps its turn for some steps while others wait.
 *
 * <p>When its turn is over and another has work that finds no room yet, the one before goes on with
 * what it has begun, but begins nothing new, so that room will come. Owned by the engine's thread.
 */
final class AdapterTurns {

    static final int STEPS = 16;

    private int active;
    private int steps;

    /** Returns the adapters with work in the order in which to try a step with them. */
    List<Integer> order(SortedSet<Integer> withWork) {
        List<Integer> order = new ArrayList<>(withWork.tailSet(active + 1));
        order.addAll(withWork.headSet(active + 1));
        if (!isOver() && order.remove((Integer) active)) {
            order.add(0, active);
        }
        return order;
    }

    /** Returns whether new requests of an adapter may begin, seeing who has work. */
    boolean mayBegin(int adapter, SortedSet<Integer> withWork) {
        return adapter != active || !isOver() || withWork.size() == 1;
    }

    private boolean isOver() {
        return steps >= STEPS;
    }

    /** Notes that a step is computed with an adapter. */
    void took(int adapter) {
        steps = adapter == active ? steps + 1 : 1;
        active = adapter;
    }
}
