package io.headrace.operators;

import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateBackend;

/** Which records belong to a subtask of a keyed stream. */
final class KeyGroups {

    private KeyGroups() {}

    /** Not through the key context: that refuses keys of other subtasks' groups. */
    @SuppressWarnings("unchecked") // the selector of the operator's only input
    static <T> FilterFunction<T> of(
            KeyedStateBackend<?> backend, RuntimeContext runtime, KeySelector<?, ?> selector) {
        KeyGroupRange mine = ((CheckpointableKeyedStateBackend<?>) backend).getKeyGroupRange();
        int maxParallelism = runtime.getTaskInfo().getMaxNumberOfParallelSubtasks();
        KeySelector<T, ?> keys = (KeySelector<T, ?>) selector;
        return record ->
                mine.contains(
                        KeyGroupRangeAssignment.assignToKeyGroup(
                                keys.getKey(record), maxParallelism));
    }
}
