package io.headrace.operators;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.util.function.ThrowingConsumer;

/**
 * The records in the operator, and the watermarks between them, in the order they came. Owned by
 * the task's thread.
 *
 * <p>One mechanism gives all three orders: entries of equal lanes leave in the order they came. No
 * lane is unordered, a lane for each key is ordered per key, one lane is fully ordered. A watermark
 * leaves when every record that came before it has left, so it never overtakes one; a record may
 * leave before an earlier watermark, which can turn no record late.
 */
final class InFlightQueue<T> {

    private record PendingWatermark(Watermark watermark, long after) {}

    private final LinkedHashSet<InFlight<T>> entries = new LinkedHashSet<>();
    private final Map<Object, ArrayDeque<InFlight<T>>> lanes = new HashMap<>();
    private final ArrayDeque<PendingWatermark> watermarks = new ArrayDeque<>();
    private long nextSequenceNumber;
    private long tokens;

    int size() {
        return entries.size();
    }

    /** Prompt tokens of all records that have not left. */
    long tokens() {
        return tokens;
    }

    boolean isEmpty() {
        return entries.isEmpty() && watermarks.isEmpty();
    }

    /** The records that have not left, in the order they came. */
    List<InFlight<T>> entries() {
        return new ArrayList<>(entries);
    }

    void add(InFlight<T> entry) {
        entry.setSequenceNumber(nextSequenceNumber++);
        entries.add(entry);
        if (entry.lane() != null) {
            lanes.computeIfAbsent(entry.lane(), lane -> new ArrayDeque<>()).add(entry);
        }
    }

    /** Counts the prompt tokens of an entry that is in the queue. */
    void charge(InFlight<T> entry, long promptTokens) {
        entry.setTokens(promptTokens);
        tokens += promptTokens;
    }

    /** The entry of a lane that came first of those that have not left. */
    Optional<InFlight<T>> first(Object lane) {
        return Optional.ofNullable(lanes.get(lane)).map(ArrayDeque::peek);
    }

    void add(Watermark watermark) {
        watermarks.add(new PendingWatermark(watermark, nextSequenceNumber));
    }

    /**
     * Removes the entries that may leave now that one is settled, in order, and gives each to the
     * action.
     */
    void leave(InFlight<T> settled, ThrowingConsumer<InFlight<T>, Exception> action)
            throws Exception {
        if (settled.lane() == null) {
            remove(settled);
            action.accept(settled);
            return;
        }
        ArrayDeque<InFlight<T>> waiting = lanes.get(settled.lane());
        while (waiting != null && !waiting.isEmpty() && waiting.peek().settled()) {
            InFlight<T> entry = waiting.poll();
            remove(entry);
            if (waiting.isEmpty()) {
                lanes.remove(settled.lane());
            }
            action.accept(entry);
        }
    }

    private void remove(InFlight<T> entry) {
        entries.remove(entry);
        tokens -= entry.tokens();
    }

    /** Removes the next watermark if every record before it has left. */
    Optional<Watermark> pollWatermark() {
        PendingWatermark next = watermarks.peek();
        if (next == null || oldest() < next.after()) {
            return Optional.empty();
        }
        return Optional.of(watermarks.poll().watermark());
    }

    private long oldest() {
        Iterator<InFlight<T>> iterator = entries.iterator();
        return iterator.hasNext() ? iterator.next().sequenceNumber() : Long.MAX_VALUE;
    }
}
