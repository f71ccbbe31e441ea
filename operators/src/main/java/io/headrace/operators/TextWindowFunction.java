package io.headrace.operators;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Keeps the records of each key's open windows in state until a timer closes them. A record is a
 * state entry of its own, so that adding one does not write the others again.
 */
final class TextWindowFunction<K, T> extends KeyedProcessFunction<K, T, TextWindow<K, T>> {

    private static final long serialVersionUID = 1L;

    private final TextWindows options;
    private final TextFunction<T> text;
    private final TypeInformation<T> recordType;
    private final OutputTag<T> late;

    /** By the start of the window: records and characters of the open part, and its number. */
    private transient MapState<Long, Tuple3<Integer, Integer, Integer>> parts;

    /** By the start of the window and the place in the open part. */
    private transient MapState<Tuple2<Long, Integer>, T> records;

    TextWindowFunction(
            TextWindows options,
            TextFunction<T> text,
            TypeInformation<T> recordType,
            OutputTag<T> late) {
        this.options = options;
        this.text = text;
        this.recordType = recordType;
        this.late = late;
    }

    @Override
    public void open(OpenContext context) {
        parts =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "window-parts",
                                        Types.LONG,
                                        Types.TUPLE(Types.INT, Types.INT, Types.INT)));
        records =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "window-records",
                                        Types.TUPLE(Types.LONG, Types.INT),
                                        recordType));
    }

    @Override
    public void processElement(T record, Context context, Collector<TextWindow<K, T>> out)
            throws Exception {
        if (context.timestamp() == null) {
            throw new IllegalStateException(
                    "windows need the times of records; assign timestamps and watermarks before");
        }
        long start = context.timestamp() - Math.floorMod(context.timestamp(), sizeMillis());
        long last = start + sizeMillis() - 1;
        if (last <= context.timerService().currentWatermark()) {
            context.output(late, record);
            return;
        }
        Tuple3<Integer, Integer, Integer> part =
                Optional.ofNullable(parts.get(start)).orElse(Tuple3.of(0, 0, 0));
        records.put(Tuple2.of(start, part.f0), record);
        part = Tuple3.of(part.f0 + 1, part.f1 + length(record), part.f2);
        if (part.f1 >= options.maxCharacters()) {
            out.collect(taken(context.getCurrentKey(), start, part));
            part = Tuple3.of(0, 0, part.f2 + 1);
        }
        parts.put(start, part);
        context.timerService().registerEventTimeTimer(last);
    }

    @Override
    public void onTimer(long last, OnTimerContext context, Collector<TextWindow<K, T>> out)
            throws Exception {
        long start = last + 1 - sizeMillis();
        Tuple3<Integer, Integer, Integer> part = parts.get(start);
        parts.remove(start);
        if (part.f0 > 0) {
            out.collect(taken(context.getCurrentKey(), start, part));
        }
    }

    /** With what stands between texts, so that records without text come to an end too. */
    private int length(T record) throws Exception {
        String ofRecord;
        try {
            ofRecord = text.text(record);
        } catch (UnusableRecordException e) {
            ofRecord = null; // The operator that asks makes it a dead letter.
        }
        return TextWindow.BETWEEN.length() + (ofRecord == null ? 0 : ofRecord.length());
    }

    private long sizeMillis() {
        return options.size().toMillis();
    }

    private TextWindow<K, T> taken(K key, long start, Tuple3<Integer, Integer, Integer> part)
            throws Exception {
        List<T> taken = new ArrayList<>(part.f0);
        for (int i = 0; i < part.f0; i++) {
            Tuple2<Long, Integer> place = Tuple2.of(start, i);
            taken.add(records.get(place));
            records.remove(place);
        }
        return new TextWindow<>(key, start, start + sizeMillis(), part.f2, taken);
    }
}
