package io.headrace.operators;

import io.headrace.operators.state.CachedOutcomes;
import io.headrace.operators.state.CachedOutcomesSerializer;
import io.headrace.operators.state.TaskOutcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;

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

    /** Keeps outcomes in keyed state, as long and as many as the options say. */
    static ResultCache inKeyedState(
            KeyedStateStore store, CacheOptions options, ProcessingTimeService clock) {
        return new InKeyedState(store, options, clock);
    }

    /**
     * Outcomes in map state. The number of a key's entries is kept beside it as an upper bound
     * (what expires is not counted down), so that entries are listed only when the bound is over
     * the limit: then the oldest quarter goes and the number is exact again.
     */
    final class InKeyedState implements ResultCache {

        private final MapState<String, CachedOutcomes> entries;
        private final ValueState<Integer> size;
        private final int maxEntries;
        private final ProcessingTimeService clock;

        private InKeyedState(
                KeyedStateStore store, CacheOptions options, ProcessingTimeService clock) {
            MapStateDescriptor<String, CachedOutcomes> entriesDescriptor =
                    new MapStateDescriptor<>(
                            "result-cache",
                            StringSerializer.INSTANCE,
                            CachedOutcomesSerializer.INSTANCE);
            ValueStateDescriptor<Integer> sizeDescriptor =
                    new ValueStateDescriptor<>("result-cache-size", IntSerializer.INSTANCE);
            expire(entriesDescriptor, options);
            expire(sizeDescriptor, options);
            this.entries = store.getMapState(entriesDescriptor);
            this.size = store.getState(sizeDescriptor);
            this.maxEntries = options.maxEntriesPerKey();
            this.clock = clock;
        }

        private static void expire(StateDescriptor<?, ?> descriptor, CacheOptions options) {
            descriptor.enableTimeToLive(
                    StateTtlConfig.newBuilder(options.timeToLive())
                            .cleanupIncrementally(1, false)
                            .cleanupInRocksdbCompactFilter(1_000)
                            .build());
        }

        @Override
        public Optional<List<TaskOutcome>> get(String key) throws Exception {
            return Optional.ofNullable(entries.get(key)).map(CachedOutcomes::outcomes);
        }

        @Override
        public void put(String key, List<TaskOutcome> outcomes) throws Exception {
            int atMost = 1 + Optional.ofNullable(size.value()).orElse(0);
            if (atMost > maxEntries) {
                atMost = 1 + makeRoom();
            }
            entries.put(key, new CachedOutcomes(clock.getCurrentProcessingTime(), outcomes));
            size.update(atMost);
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
