package io.headrace.jobs.faults;

/**
 * How long the fault tests are: short in every build, long with {@code -Pfaults}.
 *
 * @param kills how often a TaskManager is killed
 * @param records that flow meanwhile
 * @param outageSeconds how long the broker is away
 * @param holdSeconds how long the queue stays full
 */
record FaultSizes(int kills, int records, int outageSeconds, int holdSeconds) {

    static FaultSizes chosen() {
        return Boolean.getBoolean("headrace.faults")
                ? new FaultSizes(20, 5_000, 30, 60)
                : new FaultSizes(2, 1_000, 5, 8);
    }
}
