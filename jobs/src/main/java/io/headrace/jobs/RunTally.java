package io.headrace.jobs;

import io.headrace.operators.Provenance;
import java.io.Serializable;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/** Counts what becomes of the records of a run, through failures and resumed runs. */
final class RunTally implements Serializable {

    /** Begins the names of the accumulators; those of one task must differ. */
    static final String NAME = "headrace-run-";

    private static final long serialVersionUID = 1L;

    private static final String OUT = "recordsOut";
    private static final String DEAD = "deadLetters";
    private static final String TOKENS_IN = "tokensIn";
    private static final String CACHED = "cachedTokens";
    private static final String TOKENS_OUT = "tokensOut";
    private static final String HITS = "cacheHits";
    private static final String LATENCY = "latencyMillis ";

    private final CheckpointedTally tally;

    /**
     * Creates a tally.
     *
     * @param operator what counts, as part of the accumulator's name
     */
    RunTally(String operator) {
        tally = new CheckpointedTally(NAME + operator, Tally.Merge.SUM);
    }

    void initialize(FunctionInitializationContext context, RuntimeContext runtime)
            throws Exception {
        tally.initialize(context, runtime);
    }

    void snapshot() throws Exception {
        tally.snapshot();
    }

    void enriched(Provenance provenance) {
        tally.add(OUT, 1);
        tally.add(TOKENS_IN, provenance.promptTokens());
        tally.add(CACHED, provenance.cachedTokens());
        tally.add(TOKENS_OUT, provenance.outputTokens());
        tally.add(HITS, provenance.cacheHit() ? 1 : 0);
        tally.add(LATENCY + rounded(provenance.queueMillis() + provenance.computeMillis()), 1);
    }

    void deadLetter() {
        tally.add(DEAD, 1);
    }

    /** Two significant digits: enough for a quantile, and few names. */
    private static long rounded(long millis) {
        long unit = 1;
        while (millis / unit >= 100) {
            unit *= 10;
        }
        return millis / unit * unit;
    }

    /** Reads what the accumulators of a job have counted. */
    static RunFigures figures(Map<String, Object> accumulators) {
        Tally counts = new Tally(Tally.Merge.SUM);
        accumulators.forEach(
                (name, value) -> {
                    if (name.startsWith(NAME) && value instanceof Tally.Numbers counted) {
                        counts.add(counted);
                    }
                });
        return figuresOf(counts.getLocalValue().byName());
    }

    private static RunFigures figuresOf(Map<String, Long> counted) {
        SortedMap<Long, Long> latencies = new TreeMap<>();
        counted.forEach(
                (name, count) -> {
                    if (name.startsWith(LATENCY)) {
                        latencies.put(Long.valueOf(name.substring(LATENCY.length())), count);
                    }
                });
        long out = counted.getOrDefault(OUT, 0L);
        long dead = counted.getOrDefault(DEAD, 0L);
        return new RunFigures(
                out + dead,
                out,
                dead,
                new RunFigures.Latencies(
                        at(latencies, 0.5, out),
                        at(latencies, 0.95, out),
                        at(latencies, 0.99, out)),
                counted.getOrDefault(TOKENS_IN, 0L),
                counted.getOrDefault(CACHED, 0L),
                counted.getOrDefault(TOKENS_OUT, 0L),
                counted.getOrDefault(HITS, 0L));
    }

    private static long at(SortedMap<Long, Long> counts, double quantile, long total) {
        long seen = 0;
        for (Map.Entry<Long, Long> bucket : counts.entrySet()) {
            seen += bucket.getValue();
            if (seen >= quantile * total) {
                return bucket.getKey();
            }
        }
        return 0;
    }
}
