package io.headrace.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.jobs.report.Breakdown;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * The figures of a run, under the keys that others rely on.
 *
 * @param recordsIn records that were read
 * @param recordsOut records that were enriched
 * @param deadLetters records that were not
 * @param latencies how long records took, in milliseconds
 * @param tokensIn prompt tokens
 * @param cachedTokens prompt tokens that the prefix cache held
 * @param tokensOut output tokens
 * @param cacheHits records answered from the result cache
 * @param latencyCounts records by milliseconds
 * @param breakdown results and failures by kind
 */
public record RunFigures(
        long recordsIn,
        long recordsOut,
        long deadLetters,
        Latencies latencies,
        long tokensIn,
        long cachedTokens,
        long tokensOut,
        long cacheHits,
        SortedMap<Long, Long> latencyCounts,
        Breakdown breakdown) {

    /** Quantiles of times in milliseconds. */
    public record Latencies(long p50, long p95, long p99) {}

    /** Records that ended, in whichever place. */
    public long ended() {
        return recordsOut + deadLetters;
    }

    /** The figures as JSON. */
    public ObjectNode toJson(long durationMillis) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("recordsIn", recordsIn);
        json.put("recordsOut", recordsOut);
        json.put("deadLetters", deadLetters);
        json.put("durationMillis", durationMillis);
        json.put("recordsPerSecond", perSecond(durationMillis));
        json.putObject("latencyMillis")
                .put("p50", latencies.p50())
                .put("p95", latencies.p95())
                .put("p99", latencies.p99());
        json.put("tokensIn", tokensIn);
        json.put("tokensOut", tokensOut);
        json.put("prefixHitRate", prefixHitRate());
        json.put("cacheHits", cacheHits);
        ObjectNode labels = json.putObject("labels");
        breakdown
                .labels()
                .forEach(
                        (task, counts) -> {
                            ObjectNode node = labels.putObject(task);
                            counts.forEach(node::put);
                        });
        ObjectNode failures = json.putObject("failures");
        breakdown.failures().forEach(failures::put);
        return json;
    }

    /** The figures by their names, for a report. */
    public Map<String, String> toReport(long durationMillis) {
        Map<String, String> figures = new LinkedHashMap<>();
        figures.put("records", number(recordsIn));
        figures.put("enriched", number(recordsOut));
        figures.put("dead letters", number(deadLetters));
        figures.put("records/s", String.format(Locale.ROOT, "%,.1f", perSecond(durationMillis)));
        figures.put("seconds", String.format(Locale.ROOT, "%,.1f", durationMillis / 1000.0));
        figures.put("ms, p50", number(latencies.p50()));
        figures.put("ms, p95", number(latencies.p95()));
        figures.put("ms, p99", number(latencies.p99()));
        figures.put("prompt tokens", number(tokensIn));
        figures.put("of them cached", String.format(Locale.ROOT, "%.0f %%", 100 * prefixHitRate()));
        figures.put("output tokens", number(tokensOut));
        figures.put("result-cache hits", number(cacheHits));
        return figures;
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Records that ended in a second, in hundredths. */
    double perSecond(long durationMillis) {
        return durationMillis == 0 ? 0 : Math.round(ended() * 100_000.0 / durationMillis) / 100.0;
    }

    private double prefixHitRate() {
        return tokensIn == 0 ? 0 : Math.round(cachedTokens * 10_000.0 / tokensIn) / 10_000.0;
    }

    /** The figures for a person. */
    public String toText(long durationMillis) {
        return String.format(
                Locale.ROOT,
                "  %,d records in, %,d enriched, %,d dead letters%n"
                        + "  %,.1f records/s over %.1f s%n"
                        + "  inference p50 %d ms, p95 %d ms, p99 %d ms%n"
                        + "  tokens: %s%n",
                recordsIn,
                recordsOut,
                deadLetters,
                perSecond(durationMillis),
                durationMillis / 1000.0,
                latencies.p50(),
                latencies.p95(),
                latencies.p99(),
                tokensLine());
    }

    /** One line about the tokens, for a person. */
    String tokensLine() {
        return String.format(
                Locale.ROOT,
                "%d in (%.0f %% from the prefix cache), %d out, %d result-cache hits",
                tokensIn,
                100 * prefixHitRate(),
                tokensOut,
                cacheHits);
    }
}
