package io.headrace.jobs;

import io.headrace.jobs.report.Breakdown;
import io.headrace.jobs.report.ResultCount;
import io.headrace.operators.Enriched;
import io.headrace.operators.Failure;
import io.headrace.operators.Provenance;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.runtime.state.FunctionInitializationContext;

/** Counts what becomes of the records of a run, through failures and resumed runs. */
final class RunTally implements ResultCount, Serializable {

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
    private static final String LABEL = "label ";
    private static final String CONFIDENCE = "confidence ";
    private static final String FAILURE = "failure ";

    private final CheckpointedTally tally;
    private final Map<Long, AtomicLong> latencies = new HashMap<>();

    /** The numbers of each task, by label and by tenth: quicker to look up than by their names. */
    private final Map<String, Map<String, AtomicLong>> labels = new HashMap<>();

    private final Map<String, Map<Integer, AtomicLong>> confidences = new HashMap<>();
    private AtomicLong out;
    private AtomicLong dead;
    private AtomicLong tokensIn;
    private AtomicLong cached;
    private AtomicLong tokensOut;
    private AtomicLong hits;

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
        out = tally.number(OUT);
        dead = tally.number(DEAD);
        tokensIn = tally.number(TOKENS_IN);
        cached = tally.number(CACHED);
        tokensOut = tally.number(TOKENS_OUT);
        hits = tally.number(HITS);
    }

    void snapshot() throws Exception {
        tally.snapshot();
    }

    /** Counts a record with the results of these tasks. */
    void enriched(Enriched<?> enriched, List<String> tasks) {
        Provenance provenance = enriched.provenance();
        out.incrementAndGet();
        for (int i = 0; i < tasks.size(); i++) {
            result(tasks.get(i), enriched.results().get(i));
        }
        tokensIn.addAndGet(provenance.promptTokens());
        cached.addAndGet(provenance.cachedTokens());
        tokensOut.addAndGet(provenance.outputTokens());
        hits.addAndGet(provenance.cacheHit() ? 1 : 0);
        latencies
                .computeIfAbsent(
                        rounded(provenance.queueMillis() + provenance.computeMillis()),
                        millis -> tally.number(LATENCY + millis))
                .incrementAndGet();
    }

    /** Counts a deletion that goes on to the output. */
    void deleted() {
        out.incrementAndGet();
    }

    @Override
    public void label(String task, String label) {
        labels.computeIfAbsent(task, it -> new HashMap<>())
                .computeIfAbsent(label, it -> tally.number(LABEL + task + " " + label))
                .incrementAndGet();
    }

    @Override
    public void confidence(String task, int tenth) {
        confidences
                .computeIfAbsent(task, it -> new HashMap<>())
                .computeIfAbsent(tenth, it -> tally.number(CONFIDENCE + task + " " + tenth))
                .incrementAndGet();
    }

    void deadLetter(Failure failure) {
        dead.incrementAndGet();
        tally.number(FAILURE + failure.stage() + " " + failure.errorClass()).incrementAndGet();
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
                counted.getOrDefault(HITS, 0L),
                latencies,
                breakdown(counted));
    }

    private static Breakdown breakdown(Map<String, Long> counted) {
        Breakdown breakdown = new Breakdown();
        counted.forEach(
                (name, count) -> {
                    if (name.startsWith(LABEL)) {
                        String[] parts = name.substring(LABEL.length()).split(" ", 2);
                        breakdown.label(parts[0], parts[1], count);
                    } else if (name.startsWith(CONFIDENCE)) {
                        String[] parts = name.substring(CONFIDENCE.length()).split(" ", 2);
                        breakdown.confidence(parts[0], Integer.parseInt(parts[1]), count);
                    } else if (name.startsWith(FAILURE)) {
                        breakdown.failure(name.substring(FAILURE.length()), count);
                    }
                });
        return breakdown;
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
