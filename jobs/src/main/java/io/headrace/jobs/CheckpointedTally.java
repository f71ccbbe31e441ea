package io.headrace.jobs;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/**
 * A {@link Tally} that checkpoints hold, so that what is counted twice for a failure counts once.
 * Used by the task's thread.
 */
final class CheckpointedTally implements Serializable {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final Tally tally;
    private transient ListState<Tuple2<String, Long>> state;

    /**
     * Creates a tally.
     *
     * @param name name of the accumulator, and of the state
     */
    CheckpointedTally(String name, Tally.Merge merge) {
        this.name = name;
        this.tally = new Tally(merge);
    }

    void initialize(FunctionInitializationContext context, RuntimeContext runtime)
            throws Exception {
        state =
                context.getOperatorStateStore()
                        .getListState(
                                new ListStateDescriptor<>(
                                        name, Types.TUPLE(Types.STRING, Types.LONG)));
        for (Tuple2<String, Long> number : state.get()) {
            tally.add(number.f0, number.f1);
        }
        runtime.addAccumulator(name, tally);
    }

    void snapshot() throws Exception {
        List<Tuple2<String, Long>> numbers = new ArrayList<>();
        for (Map.Entry<String, Long> number : tally.getLocalValue().byName().entrySet()) {
            numbers.add(Tuple2.of(number.getKey(), number.getValue()));
        }
        state.update(numbers);
    }

    void add(String number, long value) {
        tally.add(number, value);
    }
}
