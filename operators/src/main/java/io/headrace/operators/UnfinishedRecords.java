package io.headrace.operators;

import io.headrace.operators.state.UnfinishedRecord;
import io.headrace.operators.state.UnfinishedRecordSerializer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/**
 * The checkpointed records that were not yet emitted. Owned by the task's thread.
 *
 * <p>On a keyed stream they are in <em>union</em> list state and each subtask takes those of its
 * own key groups, since split list state would deal them out without regard to keys.
 */
final class UnfinishedRecords<T> {

    private static final String STATE = "unfinished-records";

    private final ListState<UnfinishedRecord<T>> state;

    UnfinishedRecords(OperatorStateStore store, boolean keyed, TypeSerializer<T> recordSerializer)
            throws Exception {
        ListStateDescriptor<UnfinishedRecord<T>> descriptor =
                new ListStateDescriptor<>(
                        STATE, new UnfinishedRecordSerializer<>(recordSerializer));
        state = keyed ? store.getUnionListState(descriptor) : store.getListState(descriptor);
    }

    /** The restored records whose value is this subtask's, in the order they came. */
    List<UnfinishedRecord<T>> restored(FilterFunction<T> mine) throws Exception {
        List<UnfinishedRecord<T>> restored = new ArrayList<>();
        for (UnfinishedRecord<T> record : state.get()) {
            if (mine.filter(record.value())) {
                restored.add(record);
            }
        }
        return restored;
    }

    void update(List<InFlight<T>> entries, String fingerprint) throws Exception {
        update(entries.stream().map(entry -> entry.toState(fingerprint)).toList());
    }

    void update(List<UnfinishedRecord<T>> records) throws Exception {
        state.update(records);
    }
}
