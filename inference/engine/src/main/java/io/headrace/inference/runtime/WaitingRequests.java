package io.headrace.inference.runtime;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.ServiceClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The requests not yet admitted, in the order in which they came. Live ones go first, but after
 * {@link #LIVE_IN_A_ROW} of them one backfill request has its turn, so that none waits for ever.
 */
final class WaitingRequests {

    static final int LIVE_IN_A_ROW = 8;

    private final ArrayDeque<ScheduledRequest> live = new ArrayDeque<>();
    private final ArrayDeque<ScheduledRequest> backfill = new ArrayDeque<>();
    private final Map<Integer, Integer> countOfAdapter = new HashMap<>();
    private int liveInARow;

    int size() {
        return live.size() + backfill.size();
    }

    void add(ScheduledRequest request) {
        queue(request.serviceClass()).addLast(request);
        countOfAdapter.merge(request.adapter(), 1, Integer::sum);
    }

    /** Puts back a request that was admitted, before all others. */
    void putBack(ScheduledRequest request) {
        queue(request.serviceClass()).addFirst(request);
        countOfAdapter.merge(request.adapter(), 1, Integer::sum);
    }

    /** Returns the adapters that requests wait for. */
    Set<Integer> adapters() {
        return countOfAdapter.keySet();
    }

    /**
     * Returns the first requests for an adapter in the order of their turns, at most the number
     * given.
     */
    List<ScheduledRequest> next(int adapter, int most) {
        return next(request -> request.adapter() == adapter, most);
    }

    private List<ScheduledRequest> next(Predicate<ScheduledRequest> which, int most) {
        List<ScheduledRequest> turns = new ArrayList<>();
        Iterator<ScheduledRequest> lives = live.stream().filter(which).iterator();
        Iterator<ScheduledRequest> backfills = backfill.stream().filter(which).iterator();
        int row = liveInARow;
        while (turns.size() < most && (lives.hasNext() || backfills.hasNext())) {
            boolean takeLive = lives.hasNext() && (row < LIVE_IN_A_ROW || !backfills.hasNext());
            turns.add(takeLive ? lives.next() : backfills.next());
            row = takeLive ? row + 1 : 0;
        }
        return turns;
    }

    /** Removes a request because it is admitted. */
    void admitted(ScheduledRequest request) {
        boolean isLive = request.serviceClass() == ServiceClass.LIVE;
        queue(request.serviceClass()).remove(request);
        gone(request);
        liveInARow = isLive ? liveInARow + 1 : 0;
    }

    /** Removes a request that was given up; returns it, or null where it is not here. */
    ScheduledRequest remove(InferenceRequest request) {
        for (Iterator<ScheduledRequest> all = queue(request.serviceClass()).iterator();
                all.hasNext(); ) {
            ScheduledRequest waiting = all.next();
            if (waiting.request() == request) {
                all.remove();
                gone(waiting);
                return waiting;
            }
        }
        return null;
    }

    /** Removes and returns all. */
    List<ScheduledRequest> drain() {
        List<ScheduledRequest> all = next(request -> true, size());
        live.clear();
        backfill.clear();
        countOfAdapter.clear();
        return all;
    }

    private void gone(ScheduledRequest request) {
        countOfAdapter.computeIfPresent(
                request.adapter(), (adapter, count) -> count == 1 ? null : count - 1);
    }

    private ArrayDeque<ScheduledRequest> queue(ServiceClass serviceClass) {
        return serviceClass == ServiceClass.LIVE ? live : backfill;
    }
}
