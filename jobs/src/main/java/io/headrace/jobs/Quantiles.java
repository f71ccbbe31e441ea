package io.headrace.jobs;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/** Quantiles of a finite number of values. */
public final class Quantiles {

    private long[] values = new long[64];
    private int size;

    public void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    /** How often each value occurs. */
    public SortedMap<Long, Long> counts() {
        SortedMap<Long, Long> counts = new TreeMap<>();
        for (int i = 0; i < size; i++) {
            counts.merge(values[i], 1L, Long::sum);
        }
        return counts;
    }

    /**
     * The smallest value that at least this share of the values do not exceed; 0 if there are none.
     *
     * @param share from 0 to 1
     */
    public long at(double share) {
        if (size == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(values, size);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(share * size);
        return sorted[Math.max(0, Math.min(size - 1, rank - 1))];
    }
}
