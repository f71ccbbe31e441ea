package io.headrace.operators;

import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.state.TaskOutcomesSerializer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
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

    /** Keeps outcomes in keyed state, each for so long after it was written. */
    static ResultCache inKeyedState(KeyedStateStore store, Duration timeToLive) {
        MapStateDescriptor<String, List<TaskOutcome>> descriptor =
                new MapStateDescriptor<>(
                        "result-cache", StringSerializer.INSTANCE, TaskOutcomesSerializer.INSTANCE);
        descriptor.enableTimeToLive(
                StateTtlConfig.newBuilder(timeToLive)
                        .cleanupIncrementally(10, false)
                        .cleanupInRocksdbCompactFilter(1_000)
                        .build());
        MapState<String, List<TaskOutcome>> state = store.getMapState(descriptor);
        return new ResultCache() {
            @Override
            public Optional<List<TaskOutcome>> get(String key) throws Exception {
                return Optional.ofNullable(state.get(key));
            }

            @Override
            public void put(String key, List<TaskOutcome> outcomes) throws Exception {
                state.put(key, outcomes);
            }
        };
    }
}
