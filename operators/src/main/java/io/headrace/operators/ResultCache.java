package io.headrace.operators;

import io.headrace.operators.state.CacheKeySerializer;
import io.headrace.operators.state.CachedOutcomes;
import io.headrace.operators.state.CachedOutcomesSerializer;
import io.headrace.operators.state.TaskOutcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.Triggerable;

/** Outcomes by {@link CacheKey}, for the key that the key context names. */
interface ResultCache {

    /** Keeps nothing. */
    ResultCache NONE =
            new ResultCache() {
                @Override
                public Optional<List<TaskOutcome>> get(String key) {
                    return Optional.empty();
                }

                @Override
                public void put(String key, List<TaskOutcome> outcomes) {}
            };

    Optional<List<TaskOutcome>> get(String key) throws Exception;

    void put(String key, List<TaskOutcome> outcomes) throws Exception;

    /** Takes over what a checkpoint holds, whichever version wrote it. */
    default void adopt(KeyedStateBackend<?> restored) throws Exception {}

    /**
     * Keeps outcomes in keyed state, as long and as many as the options say.
     *
     * @param timers makes the timers at which a key's expired outcomes go
     */
    static ResultCache inKeyedState(KeyedStateStore store, CacheOptions options, Timers timers) {
        return new InKeyedState(store, options, timers);
    }

    /** Makes the timers of what must be told when they are due. */
    interface Timers {
        InternalTimerService<VoidNamespace> of(Triggerable<Object, VoidNamespace> owner);
    }

    /**
     * Outcomes in map state. The number of a key's entries is kept beside it as an upper bound, so
     * that entries are listed only when the bound is over the limit: then the oldest quarter goes
     * and the number is exact again.
     *
     * <p>Flink's own time to live would look through all texts of some key at each access to the
     * state. Here a key has a timer, at most {@value #TIMERS} in a time to live, and its texts are
     * looked through when that is due; until then an expired entry is passed over.
     */
    final class InKeyedState implements ResultCache, Triggerable<Object, VoidNamespace> {

        private static final int TIMERS = 8;

        private static final MapStateDescriptor<String, CachedOutcomes> ENTRIES =
                new MapStateDescriptor<>(
                        "result-cache",
                        CacheKeySerializer.INSTANCE,
                        CachedOutcomesSerializer.INSTANCE);
        private static final ValueStateDescriptor<Integer> SIZE =
                new ValueStateDescriptor<>("result-cache-size", IntSerializer.INSTANCE);

        private final MapState<String, CachedOutcomes> entries;
        private final ValueState<Integer> size;
        private final int maxEntries;
        private final long timeToLive;
        private final InternalTimerService<VoidNamespace> timers;

        private InKeyedState(KeyedStateStore store, CacheOptions options, Timers timers) {
            this.entries = store.getMapState(ENTRIES);
            this.size = store.getState(SIZE);
            this.maxEntries = options.maxEntriesPerKey();
            this.timeToLive = options.timeToLive().toMillis();
            this.timers = timers.of(this);
        }

        @Override
        public Optional<List<TaskOutcome>> get(String key) throws Exception {
            return Optional.ofNullable(entries.get(key))
                    .filter(entry -> !expired(entry))
                    .map(CachedOutcomes::outcomes);
        }

        private boolean expired(CachedOutcomes entry) {
            return entry.writtenMillis() + timeToLive <= timers.currentProcessingTime();
        }

        @Override
        public void put(String key, List<TaskOutcome> outcomes) throws Exception {
            int atMost = 1 + Optional.ofNullable(size.value()).orElse(0);
            if (atMost > maxEntries) {
                atMost = 1 + makeRoom();
            }
            long now = timers.currentProcessingTime();
            entries.put(key, CachedOutcomes.of(now, outcomes));
            size.update(atMost);
            wakeAfter(now);
        }

        /** Earlier versions left expiry to Flink and kept no timers: their keys get one here. */
        @Override
        public void adopt(KeyedStateBackend<?> restored) throws Exception {
            AtomicBoolean present = new AtomicBoolean();
            timers.forEachProcessingTimeTimer((namespace, due) -> present.set(true));
            if (!present.get()) {
                restored.applyToAllKeys(
                        VoidNamespace.INSTANCE,
                        VoidNamespaceSerializer.INSTANCE,
                        ENTRIES,
                        (key, state) -> wakeAfter(timers.currentProcessingTime()));
            }
        }

        /** Sees to it that what was written now goes after its time, soon if not at once. */
        private void wakeAfter(long writtenMillis) {
            long grain = Math.max(1, timeToLive / TIMERS);
            long due = Math.floorDiv(writtenMillis + timeToLive, grain) * grain + grain;
            timers.registerProcessingTimeTimer(VoidNamespace.INSTANCE, due);
        }

        @Override
        public void onProcessingTime(InternalTimer<Object, VoidNamespace> timer) throws Exception {
            int left = 0;
            for (Iterator<Map.Entry<String, CachedOutcomes>> all = entries.iterator();
                    all.hasNext(); ) {
                if (expired(all.next().getValue())) {
                    all.remove();
                } else {
                    left++;
                }
            }
            if (left == 0) {
                entries.clear();
                size.clear();
            } else {
                size.update(left);
            }
        }

        @Override
        public void onEventTime(InternalTimer<Object, VoidNamespace> timer) {
            throw new IllegalStateException("no timer of event time is ever made");
        }

        /** Removes the oldest entries if there are too many; returns how many are left. */
        private int makeRoom() throws Exception {
            List<Map.Entry<String, Long>> known = new ArrayList<>();
            for (Map.Entry<String, CachedOutcomes> entry : entries.entries()) {
                known.add(Map.entry(entry.getKey(), entry.getValue().writtenMillis()));
            }
            if (known.size() < maxEntries) {
                return known.size();
            }
            known.sort(Map.Entry.comparingByValue(Comparator.naturalOrder()));
            int surplus = known.size() - maxEntries + 1 + maxEntries / 4;
            for (Map.Entry<String, Long> oldest :
                    known.subList(0, Math.min(surplus, known.size()))) {
                entries.remove(oldest.getKey());
            }
            return Math.max(0, known.size() - surplus);
        }
    }
}
