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
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
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

    /** A watermark, or the status of the input, with the number of the next record then. */
    private record PendingMark(StreamElement mark, long after) {}

    private final LinkedHashSet<InFlight<T>> entries = new LinkedHashSet<>();
    private final Map<Object, ArrayDeque<InFlight<T>>> lanes = new HashMap<>();
    private final ArrayDeque<PendingMark> marks = new ArrayDeque<>();
    private long nextSequenceNumber;
    private long tokens;

    int size() {
        return entries.size();
    }

    /** Prompt tokens of all records that have not left. */
    long tokens() {
        return tokens;
    }

    /** Whether the next record has to wait. A record that is alone never makes others wait. */
    boolean isFull(EnrichmentOptions bounds) {
        return entries.size() >= bounds.maxInFlight()
                || (tokens >= bounds.maxInFlightTokens() && entries.size() > 1);
    }

    boolean isEmpty() {
        return entries.isEmpty() && marks.isEmpty();
    }

    /** The records that have not left, in the order they came. */
    List<InFlight<T>> entries() {
        return new ArrayList<>(entries);
    }

    void add(InFlight<T> entry) {
        entry.setSequenceNumber(nextSequenceNumber++);
        entries.add(entry);
        if (entry.lane() != null) {
            lanes.computeIfAbsent(entry.lane(), lane -> new ArrayDeque<>(1)).add(entry);
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
        marks.add(new PendingMark(watermark, nextSequenceNumber));
    }

    /** An input that falls idle does so after its records: downstream they would be late else. */
    void add(WatermarkStatus status) {
        marks.add(new PendingMark(status, nextSequenceNumber));
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

    /** Gives the watermarks and statuses that no record stands before to the output, in order. */
    void emitMarks(
            ThrowingConsumer<Watermark, Exception> watermarks,
            ThrowingConsumer<WatermarkStatus, Exception> statuses)
            throws Exception {
        while (!marks.isEmpty() && oldest() >= marks.peek().after()) {
            StreamElement mark = marks.poll().mark();
            if (mark instanceof Watermark watermark) {
                watermarks.accept(watermark);
            } else {
                statuses.accept((WatermarkStatus) mark);
            }
        }
    }

    private long oldest() {
        Iterator<InFlight<T>> iterator = entries.iterator();
        return iterator.hasNext() ? iterator.next().sequenceNumber() : Long.MAX_VALUE;
    }
}
