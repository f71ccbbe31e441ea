package io.headrace.operators;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** Messages of a control stream, numbered from 1 in the order in which every subtask has them. */
final class ControlMessage {

    static final TypeInformation<Tuple2<Long, String>> TYPE = Types.TUPLE(Types.LONG, Types.STRING);

    private ControlMessage() {}

    /** Brings a stream of messages into one order and to every subtask of what reads it. */
    static DataStream<Tuple2<Long, String>> inOrder(DataStream<String> messages, String uid) {
        var numbered =
                messages.process(new Numbering(), TYPE)
                        .name("control")
                        .setParallelism(1)
                        .setMaxParallelism(1);
        if (uid != null) {
            numbered.uid(uid);
        }
        return numbered.broadcast();
    }

    private static final class Numbering extends ProcessFunction<String, Tuple2<Long, String>>
            implements CheckpointedFunction {

        private static final long serialVersionUID = 1L;

        private transient ListState<Long> state;
        private transient long last;

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            state =
                    context.getOperatorStateStore()
                            .getListState(new ListStateDescriptor<>("last", Types.LONG));
            for (Long number : state.get()) {
                last = number;
            }
        }

        @Override
        public void processElement(
                String message, Context context, Collector<Tuple2<Long, String>> out) {
            out.collect(Tuple2.of(++last, message));
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            state.update(new ArrayList<>(List.of(last)));
        }
    }
}
