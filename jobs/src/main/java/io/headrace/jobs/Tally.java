package io.headrace.jobs;

import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.accumulators.Accumulator;

/**
 * Numbers by name that a job's subtasks count and its client reads while it runs. Written by the
 * task's thread and read by Flink's heartbeat.
 */
final class Tally implements Accumulator<Tally.Numbers, Tally.Numbers> {

    private static final long serialVersionUID = 1L;

    /** How two numbers of a name become one. */
    enum Merge {
        SUM,
        MAXIMUM;

        private long of(long left, long right) {
            return this == SUM ? left + right : Math.max(left, right);
        }
    }

    /** What has been counted. */
    record Numbers(Map<String, Long> byName) implements Serializable {
        Numbers {
            byName = Map.copyOf(byName);
        }
    }

    private final Merge merge;
    private final ConcurrentHashMap<String, Long> numbers = new ConcurrentHashMap<>();

    Tally(Merge merge) {
        this.merge = merge;
    }

    void add(String name, long number) {
        numbers.merge(name, number, merge::of);
    }

    @Override
    public void add(Numbers more) {
        more.byName().forEach(this::add);
    }

    @Override
    public Numbers getLocalValue() {
        return new Numbers(numbers);
    }

    @Override
    public void resetLocal() {
        numbers.clear();
    }

    @Override
    public void merge(Accumulator<Tally.Numbers, Tally.Numbers> other) {
        add(other.getLocalValue());
    }

    @Override
    public Tally clone() {
        Tally copy = new Tally(merge);
        copy.add(getLocalValue());
        return copy;
    }
}
