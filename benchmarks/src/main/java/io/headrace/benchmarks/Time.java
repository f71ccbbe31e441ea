package io.headrace.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * What a run took.
 *
 * @param clock seconds
 * @param processor seconds of this process's threads together, counted in hundredths
 */
record Time(double clock, double processor) {

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Returns the processor time of this process so far. */
    static long processorNanos() {
        return PROCESS.getProcessCpuTime();
    }

    static Time of(Runnable work) {
        long clock = System.nanoTime();
        long processor = processorNanos();
        work.run();
        return new Time((System.nanoTime() - clock) / 1e9, (processorNanos() - processor) / 1e9);
    }

    static Time median(List<Time> times) {
        double[] clock = times.stream().mapToDouble(Time::clock).sorted().toArray();
        double[] processor = times.stream().mapToDouble(Time::processor).sorted().toArray();
        return new Time(clock[clock.length / 2], processor[clock.length / 2]);
    }

    Time each(int count) {
        return new Time(clock / count, processor / count);
    }
}
