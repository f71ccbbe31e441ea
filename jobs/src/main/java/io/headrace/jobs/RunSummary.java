package io.headrace.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.jobs.report.Breakdown;
import io.headrace.jobs.report.RunReport;
import java.util.Locale;
import org.apache.avro.generic.GenericRecord;

/** The figures of a run, collected from the records that it wrote. Used by one thread. */
public final class RunSummary {

    private final Quantiles latencies = new Quantiles();
    private final Breakdown breakdown = new Breakdown();
    private String firstFailure = "";
    private long recordsOut;
    private long deadLetters;
    private long tokensIn;
    private long cachedTokens;
    private long tokensOut;
    private long cacheHits;

    /** Counts an enriched record that was read this many milliseconds after it was produced. */
    public void enriched(GenericRecord record, long latencyMillis) {
        recordsOut++;
        latencies.add(latencyMillis);
        if (record.get("provenance") instanceof GenericRecord provenance) {
            tokensIn += ((Number) provenance.get("promptTokens")).longValue();
            cachedTokens += ((Number) provenance.get("cachedTokens")).longValue();
            tokensOut += ((Number) provenance.get("outputTokens")).longValue();
            cacheHits += (Boolean) provenance.get("cacheHit") ? 1 : 0;
        }
        record.getSchema()
                .getFields()
                .forEach(field -> count(field.name(), record.get(field.pos())));
    }

    private void count(String field, Object value) {
        if (value instanceof GenericRecord result
                && result.getSchema().getFullName().endsWith("Classification")) {
            breakdown.label(field, result.get("label").toString(), 1);
            breakdown.confidence(field, RunReport.tenth((Double) result.get("probability")), 1);
        }
    }

    /** Counts a dead letter. */
    public void deadLetter(GenericRecord record) {
        deadLetters++;
        breakdown.failure(record.get("stage") + " " + record.get("errorClass"), 1);
        if (firstFailure.isEmpty()) {
            firstFailure = record.get("message").toString();
        }
    }

    public long recordsOut() {
        return recordsOut;
    }

    public long deadLetters() {
        return deadLetters;
    }

    /** Records that ended, in whichever place. */
    public long ended() {
        return recordsOut + deadLetters;
    }

    /** The figures, with what only the sender knows. */
    public RunFigures figures(long recordsIn) {
        return new RunFigures(
                recordsIn,
                recordsOut,
                deadLetters,
                new RunFigures.Latencies(latencies.at(0.5), latencies.at(0.95), latencies.at(0.99)),
                tokensIn,
                cachedTokens,
                tokensOut,
                cacheHits,
                latencies.counts(),
                breakdown);
    }

    /** The figures under the keys that others rely on. */
    public ObjectNode toJson(long recordsIn, long durationMillis) {
        ObjectNode json = figures(recordsIn).toJson(durationMillis);
        if (!firstFailure.isEmpty()) {
            json.put("firstFailure", firstFailure);
        }
        return json;
    }

    /** The figures for a person. */
    public String toText(long recordsIn, long durationMillis) {
        RunFigures figures = figures(recordsIn);
        StringBuilder text = new StringBuilder();
        line(text, "records in", "%d", recordsIn);
        line(text, "enriched", "%d", recordsOut);
        line(
                text,
                "dead letters",
                "%d %s",
                deadLetters,
                breakdown.failures().isEmpty() ? "" : breakdown.failures());
        if (!firstFailure.isEmpty()) {
            line(text, "first failure", "%s", firstFailure);
        }
        line(
                text,
                "rate",
                "%.1f records/s over %.1f s",
                figures.perSecond(durationMillis),
                durationMillis / 1000.0);
        line(
                text,
                "latency",
                "p50 %d ms, p95 %d ms, p99 %d ms from Kafka to Kafka",
                figures.latencies().p50(),
                figures.latencies().p95(),
                figures.latencies().p99());
        line(text, "tokens", "%s", figures.tokensLine());
        breakdown.labels().forEach((task, counts) -> line(text, task, "%s", counts));
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String format, Object... values) {
        text.append(String.format(Locale.ROOT, "  %-14s ", name))
                .append(String.format(Locale.ROOT, format, values).stripTrailing())
                .append('\n');
    }
}
