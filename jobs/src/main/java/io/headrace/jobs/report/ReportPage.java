package io.headrace.jobs.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Writes a {@link RunReport} as one HTML file that loads nothing. */
public final class ReportPage {

    private static final int MOST_POINTS = 240;
    private static final int MOST_BARS = 24;
    private static final int LATENCY_BARS = 20;

    private final RunReport report;
    private final StringBuilder body = new StringBuilder();

    private ReportPage(RunReport report) {
        this.report = report;
    }

    /** Writes the page; folders that are missing are created. */
    public static void write(RunReport report, Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            Files.writeString(file, new ReportPage(report).html());
        } catch (IOException e) {
            throw new UncheckedIOException("the report cannot be written to " + file, e);
        }
    }

    private String html() throws IOException {
        throughput();
        latency();
        report.labels().forEach(this::labels);
        report.confidence().forEach(this::confidence);
        calibration();
        failures();
        return resource("report.html")
                .replace("{{title}}", escape(report.title()))
                .replace("{{subtitle}}", escape(report.subtitle()))
                .replace(
                        "{{written}}",
                        ZonedDateTime.now(ZoneId.systemDefault())
                                .format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")))
                .replace("{{figures}}", figures())
                .replace("{{body}}", body);
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String figures() {
        StringBuilder tiles = new StringBuilder();
        report.figures()
                .forEach(
                        (name, value) ->
                                tiles.append("<div><b>")
                                        .append(escape(value))
                                        .append("</b><span>")
                                        .append(breakable(escape(name)))
                                        .append("</span></div>"));
        return tiles.toString();
    }

    /** Names of JSON keys may be broken between their words only. */
    private static String breakable(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", "<wbr>");
    }

    private void throughput() {
        SortedMap<Long, Long> bySecond = report.throughput();
        if (bySecond.size() < 2) {
            return;
        }
        long width = Math.max(1, (bySecond.lastKey() + 1 + MOST_POINTS - 1) / MOST_POINTS);
        List<Double> seconds = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (long from = 0; from <= bySecond.lastKey(); from += width) {
            long ended =
                    bySecond.subMap(from, from + width).values().stream()
                            .mapToLong(Long::longValue)
                            .sum();
            seconds.add((double) from);
            rates.add((double) ended / width);
        }
        section(
                "Throughput",
                "Records that ended in each second.",
                Charts.line(seconds, rates, "seconds since the start", "records/s"));
    }

    private void latency() {
        SortedMap<Long, Long> latencies = report.latencies();
        if (latencies.isEmpty()) {
            return;
        }
        long width = niceWidth(latencies.lastKey() + 1);
        SortedMap<Long, Long> bars = new TreeMap<>();
        for (long from = 0; from <= latencies.lastKey(); from += width) {
            bars.put(from, 0L);
        }
        latencies.forEach((millis, count) -> bars.merge(millis / width * width, count, Long::sum));
        section(
                "Latency",
                report.latencyMeans(),
                Charts.bars(
                        bars.keySet().stream().map(String::valueOf).toList(),
                        List.copyOf(bars.values()),
                        "milliseconds, from",
                        "records"));
    }

    /** 1, 2 or 5 times a power of ten, so that there are few bars. */
    private static long niceWidth(long range) {
        long width = 1;
        for (int i = 0; range / width >= LATENCY_BARS; i++) {
            width = i % 3 == 1 ? width * 5 / 2 : width * 2;
        }
        return width;
    }

    private void labels(String task, Map<String, Long> counts) {
        List<Map.Entry<String, Long>> most =
                counts.entrySet().stream()
                        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                        .limit(MOST_BARS)
                        .toList();
        section(
                "Classes of " + task,
                counts.size() > MOST_BARS
                        ? "The " + MOST_BARS + " most frequent of " + counts.size() + "."
                        : "How often each was the result.",
                Charts.bars(
                        most.stream().map(Map.Entry::getKey).toList(),
                        most.stream().map(Map.Entry::getValue).toList(),
                        "",
                        "records"));
    }

    private void confidence(String task, List<Long> tenths) {
        section(
                "Confidence of " + task,
                "Records by the probability of their class.",
                Charts.bars(Charts.tenths(), tenths, "probability", "records"));
    }

    private void calibration() {
        if (!report.calibration().isEmpty()) {
            section(
                    "Calibration",
                    "How often a class of that probability is right; on the line it is as it says.",
                    Charts.calibration(report.calibration()));
        }
    }

    private void failures() {
        if (report.failures().isEmpty()) {
            return;
        }
        StringBuilder table = new StringBuilder("<table><tr><th>reason</th><th>records</th></tr>");
        report.failures()
                .forEach(
                        (reason, count) ->
                                table.append("<tr><td>")
                                        .append(escape(reason))
                                        .append("</td><td>")
                                        .append(String.format(Locale.ROOT, "%,d", count))
                                        .append("</td></tr>"));
        section("Failures", "Records without results.", table.append("</table>").toString());
    }

    private void section(String title, String note, String content) {
        body.append("<section><h2>")
                .append(escape(title))
                .append("</h2><p class=\"note\">")
                .append(escape(note))
                .append("</p>")
                .append(content)
                .append("</section>\n");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
