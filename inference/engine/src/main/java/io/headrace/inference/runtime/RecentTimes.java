package io.headrace.inference.runtime;

import java.util.Arrays;

/** The last times of something that is done over and over. Guarded by whoever owns it. */
final class RecentTimes {

    private final long[] nanos = new long[256];
    private int next;
    private int size;

    void add(long time) {
        nanos[next] = time;
        next = (next + 1) % nanos.length;
        size = Math.min(size + 1, nanos.length);
    }

    /** Returns the times from the shortest to the longest. */
    long[] sorted() {
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        return sorted;
    }

    /** Returns the smallest of sorted times that at least this share do not exceed; 0 of none. */
    static long quantile(long[] sorted, double share) {
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted.length == 0 ? 0 : sorted[Math.max(rank, 1) - 1];
    }
}
