package io.headrace.jobs;

import io.headrace.connectors.TextRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Lets records of a backfill that need no order go on in groups of like length, so that those which
 * are in the model together take alike long.
 *
 * <p>It holds up to a number of records and lets them go from the shortest to the longest; a
 * watermark follows the records before it. Checkpoints hold what it holds. Without a timestamp a
 * record has {@link Long#MIN_VALUE} in them, as everywhere in Flink.
 */
final class LengthGrouping extends AbstractStreamOperator<TextRecord>
        implements OneInputStreamOperator<TextRecord, TextRecord>, BoundedOneInput {

    /** Enough to choose from, and little beside what the network holds. */
    static final int GROUP = 512;

    private static final long serialVersionUID = 1L;

    private transient List<StreamRecord<TextRecord>> held;
    private transient Watermark watermark;
    private transient ListState<Tuple2<TextRecord, Long>> state;

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        held = new ArrayList<>(GROUP);
        state =
                context.getOperatorStateStore()
                        .getListState(
                                new ListStateDescriptor<>(
                                        "held-records",
                                        Types.TUPLE(TextRecord.typeInformation(), Types.LONG)));
        for (Tuple2<TextRecord, Long> record : state.get()) {
            held.add(
                    record.f1 == Long.MIN_VALUE
                            ? new StreamRecord<>(record.f0)
                            : new StreamRecord<>(record.f0, record.f1));
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        List<Tuple2<TextRecord, Long>> records = new ArrayList<>(held.size());
        held.forEach(record -> records.add(Tuple2.of(record.getValue(), record.getTimestamp())));
        state.update(records);
    }

    @Override
    public void processElement(StreamRecord<TextRecord> record) throws Exception {
        // Flink uses its own again for the next.
        held.add(record.copy(record.getValue()));
        if (held.size() >= GROUP) {
            release();
        }
    }

    @Override
    public void processWatermark(Watermark mark) {
        watermark = mark;
    }

    @Override
    public void endInput() throws Exception {
        release();
    }

    private void release() throws Exception {
        held.sort(Comparator.comparingInt(record -> record.getValue().text().length()));
        held.forEach(output::collect);
        held.clear();
        if (watermark != null) {
            super.processWatermark(watermark);
            watermark = null;
        }
    }
}
