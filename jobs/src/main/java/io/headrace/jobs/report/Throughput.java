package io.headrace.jobs.report;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How many records ended in each second of a run. Used by one thread. */
public final class Throughput {

    private final LongSupplier nanoTime;
    private final TreeMap<Long, Long> bySecond = new TreeMap<>();
    private long startNanos;
    private long total = -1;

    public Throughput(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Notes that so many have ended since the start; the first call is the start. */
    public void total(long ended) {
        long now = nanoTime.getAsLong();
        if (total < 0) {
            startNanos = now;
        }
        long second = TimeUnit.NANOSECONDS.toSeconds(now - startNanos);
        bySecond.merge(second, ended - Math.max(total, 0), Long::sum);
        total = ended;
    }

    /** Records by the second that they ended in. */
    public SortedMap<Long, Long> bySecond() {
        return bySecond;
    }
}
