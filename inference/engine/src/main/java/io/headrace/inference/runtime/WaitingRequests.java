package io.headrace.inference.runtime;

import io.headrace.inference.InferenceRequest;
import io.headrace.inference.ServiceClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The requests not yet admitted, in the order in which they came. Live ones go first, but after
 * {@link #LIVE_IN_A_ROW} of them one backfill request has its turn, so that none waits for ever.
 */
final class WaitingRequests {

    static final int LIVE_IN_A_ROW = 8;

    private final ArrayDeque<ScheduledRequest> live = new ArrayDeque<>();
    private final ArrayDeque<ScheduledRequest> backfill = new ArrayDeque<>();
    private int liveInARow;

    int size() {
        return live.size() + backfill.size();
    }

    void add(ScheduledRequest request) {
        queue(request.serviceClass()).addLast(request);
    }

    /** Returns the first requests in the order of their turns, at most the number given. */
    List<ScheduledRequest> next(int most) {
        List<ScheduledRequest> turns = new ArrayList<>();
        Iterator<ScheduledRequest> lives = live.iterator();
        Iterator<ScheduledRequest> backfills = backfill.iterator();
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
        liveInARow = isLive ? liveInARow + 1 : 0;
    }

    /** Removes a request that was given up; returns it, or null where it is not here. */
    ScheduledRequest remove(InferenceRequest request) {
        for (Iterator<ScheduledRequest> all = queue(request.serviceClass()).iterator();
                all.hasNext(); ) {
            ScheduledRequest waiting = all.next();
            if (waiting.request() == request) {
                all.remove();
                return waiting;
            }
        }
        return null;
    }

    /** Removes and returns all. */
    List<ScheduledRequest> drain() {
        List<ScheduledRequest> all = next(size());
        live.clear();
        backfill.clear();
        return all;
    }

    private ArrayDeque<ScheduledRequest> queue(ServiceClass serviceClass) {
        return serviceClass == ServiceClass.LIVE ? live : backfill;
    }
}
