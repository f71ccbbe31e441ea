package io.headrace.operators;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple4;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpointed versions of an operator: what is in force, and what waits to be. Owned by the
 * task's thread.
 *
 * <p>In union list state: all subtasks begin with the newest version that any of them had in force,
 * also when a checkpoint came while some of them were still finishing records of the one before.
 */
final class VersionState {

    private static final Logger LOG = LoggerFactory.getLogger(VersionState.class);

    /**
     * A version as its control message describes it.
     *
     * @param number of the message; 0 for the job's own version
     * @param message empty for the job's own version
     */
    record Described(long number, String message) {

        boolean own() {
            return message.isEmpty();
        }
    }

    private final String base;
    private final ListState<Tuple4<String, Boolean, Long, String>> state;
    private final Described inForce;
    private final Deque<Described> pending = new ArrayDeque<>();

    /**
     * Restores what is known.
     *
     * @param base tells whether the job's own version is the one that it was
     */
    VersionState(OperatorStateStore store, String base) throws Exception {
        this.base = base;
        state =
                store.getUnionListState(
                        new ListStateDescriptor<>(
                                "versions",
                                Types.TUPLE(
                                        Types.STRING, Types.BOOLEAN, Types.LONG, Types.STRING)));
        List<Described> adopted = new ArrayList<>();
        List<Described> waiting = new ArrayList<>();
        boolean sameBase = true;
        for (Tuple4<String, Boolean, Long, String> version : state.get()) {
            sameBase &= version.f0.equals(base);
            (version.f1 ? adopted : waiting).add(new Described(version.f2, version.f3));
        }
        Comparator<Described> byNumber = Comparator.comparingLong(Described::number);
        Described newest = adopted.stream().max(byNumber).orElse(new Described(0, ""));
        if (sameBase) {
            inForce = newest;
            waiting.stream()
                    .filter(version -> version.number() > newest.number())
                    .distinct()
                    .sorted(byNumber)
                    .forEach(pending::add);
        } else {
            long last =
                    Stream.concat(adopted.stream(), waiting.stream())
                            .mapToLong(Described::number)
                            .max()
                            .orElse(0);
            inForce = new Described(last, "");
            if (!newest.own() || !waiting.isEmpty()) {
                LOG.warn(
                        "The job's own version has changed since the checkpoint: it is in force,"
                                + " and what the job had been switched to is forgotten");
            }
        }
    }

    Described inForce() {
        return inForce;
    }

    /** What waits, the next first. */
    Deque<Described> pending() {
        return pending;
    }

    void update(Described nowInForce, Collection<Described> nowPending) throws Exception {
        List<Tuple4<String, Boolean, Long, String>> versions = new ArrayList<>();
        versions.add(Tuple4.of(base, true, nowInForce.number(), nowInForce.message()));
        for (Described version : nowPending) {
            versions.add(Tuple4.of(base, false, version.number(), version.message()));
        }
        state.update(versions);
    }
}
