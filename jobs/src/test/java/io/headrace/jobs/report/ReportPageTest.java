package io.headrace.jobs.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {

    private static final Pattern PICTURE =
            Pattern.compile("src=\"data:image/svg\\+xml;base64,([^\"]+)\"");

    @TempDir private Path folder;

    private String write(RunReport report) throws Exception {
        Path file = folder.resolve("new/folder/report.html");
        ReportPage.write(report, file);
        return Files.readString(file);
    }

    private static RunReport full() {
        Breakdown breakdown = new Breakdown();
        breakdown.label("intent", "refund", 3);
        breakdown.label("intent", "<script>", 2);
        breakdown.confidence("intent", RunReport.tenth(1.0), 5);
        breakdown.failure("INFER Timeout", 4);
        return new RunReport(
                "Run of \"a\" & b",
                "model",
                Map.of("records", "9"),
                new TreeMap<>(Map.of(0L, 2L, 1L, 7L)),
                new TreeMap<>(Map.of(5L, 2L, 1_234L, 7L)),
                "from Kafka to Kafka",
                breakdown.labels(),
                breakdown.confidence(),
                List.of(new RunReport.Calibrated(0.9, 0.8, 5)),
                breakdown.failures());
    }

    @Test
    void thePageHasAllChartsAndNeedsNothingButItself() throws Exception {
        String page = write(full());

        assertThat(page)
                .contains("<h2>Throughput</h2>", "<h2>Latency</h2>", "<h2>Calibration</h2>")
                .contains("<h2>Classes of intent</h2>", "<h2>Confidence of intent</h2>")
                .contains("<td>INFER Timeout</td><td>4</td>")
                .contains("Run of &quot;a&quot; &amp; b")
                .doesNotContain("<script>", "{{", "<link", "@import")
                .doesNotContainPattern("(src|href)=\"(?!data:)");
        List<String> pictures =
                PICTURE.matcher(page).results().map(found -> found.group(1)).toList();
        assertThat(pictures).hasSize(5);
        assertThat(pictures)
                .allSatisfy(
                        it ->
                                assertThat(Base64.getDecoder().decode(it))
                                        .contains("<svg".getBytes(UTF_8)));
    }

    @Test
    void leavesOutWhatARunHasNot() throws Exception {
        RunReport empty =
                new RunReport(
                        "Run",
                        "model",
                        Map.of(),
                        new TreeMap<>(),
                        new TreeMap<>(),
                        "",
                        Map.of(),
                        Map.of(),
                        List.of(),
                        Map.of());
        assertThat(write(empty)).doesNotContain("<h2>");
    }

    @Test
    void countsWhatEndedInTheSecondThatItEndedIn() {
        AtomicLong nanos = new AtomicLong(7);
        Throughput throughput = new Throughput(nanos::get);
        throughput.total(0);
        nanos.addAndGet(1_500_000_000L);
        throughput.total(10);
        nanos.addAndGet(400_000_000L);
        throughput.total(15);
        nanos.addAndGet(1_000_000_000L);
        throughput.total(16);
        assertThat(throughput.bySecond()).containsEntry(1L, 15L).containsEntry(2L, 1L);
    }
}
