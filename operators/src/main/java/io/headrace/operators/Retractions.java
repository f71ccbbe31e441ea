package io.headrace.operators;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.types.RowKind;
import org.apache.flink.util.Collector;

/**
 * Gives each retraction of a changelog the results that went out with the row it takes back. The
 * records of a key come in their order, retractions without results.
 *
 * <p>A row is known by its key and text. Keyed state holds the results of the rows that are in the
 * table, so it grows with the table and not with the changes. A retraction of a row that is not
 * there takes nothing back and ends here: the row was a dead letter, or older than the job.
 */
final class Retractions<T> extends KeyedProcessFunction<Object, Enriched<T>, Enriched<T>> {

    private static final long serialVersionUID = 1L;

    private final RowKindFunction<T> kinds;
    private final TextFunction<T> text;
    private final TypeInformation<Enriched<T>> enrichedType;

    /** The first results of a row's text, and how many rows of the key have that text. */
    private transient MapState<String, Tuple2<Enriched<T>, Integer>> rows;

    Retractions(
            RowKindFunction<T> kinds,
            TextFunction<T> text,
            TypeInformation<Enriched<T>> enrichedType) {
        this.kinds = kinds;
        this.text = text;
        this.enrichedType = enrichedType;
    }

    /** The text of rows that come into the table; of retractions nothing is asked. */
    static <T> TextFunction<T> textOfAdditions(RowKindFunction<T> kinds, TextFunction<T> text) {
        return record -> takesBack(kinds.kind(record)) ? null : text.text(record);
    }

    private static boolean takesBack(RowKind kind) {
        return kind == RowKind.UPDATE_BEFORE || kind == RowKind.DELETE;
    }

    /** Rows of which nothing is asked are one and the same here. */
    private static String rowOf(String text) {
        return text == null ? "" : CacheKey.of("", text);
    }

    @Override
    public void open(OpenContext context) {
        rows =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "rows",
                                        Types.STRING,
                                        Types.TUPLE(enrichedType, Types.INT)));
    }

    @Override
    public void processElement(Enriched<T> enriched, Context context, Collector<Enriched<T>> out)
            throws Exception {
        T record = enriched.record();
        String row;
        try {
            row = rowOf(text.text(record));
        } catch (UnusableRecordException e) {
            return; // A retraction of a dead letter: additions with such a text do not come here.
        }
        Tuple2<Enriched<T>, Integer> known = rows.get(row);
        if (!takesBack(kinds.kind(record))) {
            // An equal row leaves with the first one's results, which its retraction will carry.
            Enriched<T> first = known == null ? enriched : known.f0;
            rows.put(row, Tuple2.of(first, known == null ? 1 : known.f1 + 1));
            out.collect(new Enriched<>(record, first.results(), first.provenance()));
        } else if (known != null) {
            if (known.f1 == 1) {
                rows.remove(row);
            } else {
                rows.put(row, Tuple2.of(known.f0, known.f1 - 1));
            }
            out.collect(new Enriched<>(record, known.f0.results(), known.f0.provenance()));
        }
    }
}
