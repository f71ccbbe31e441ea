package io.headrace.operators.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsDocumentationTest {

    private static final Path PAGE = Path.of("..", "docs", "metrics.md");

    private static String row(HeadraceMetric metric) {
        return "| `%s` | %s | %s | %s | %s |"
                .formatted(
                        metric.metricName(),
                        metric.kind().name().toLowerCase(Locale.ROOT),
                        metric.unit(),
                        metric.labels().stream()
                                .map(label -> "`" + label + "`")
                                .collect(Collectors.joining(", ")),
                        metric.help());
    }

    @Test
    void thePageListsExactlyTheMetricsThatAreRegistered() throws Exception {
        String expected =
                Arrays.stream(HeadraceMetric.values())
                        .map(MetricsDocumentationTest::row)
                        .collect(Collectors.joining("\n"));
        String listed =
                Files.readString(PAGE)
                        .lines()
                        .filter(line -> line.startsWith("| `"))
                        .collect(Collectors.joining("\n"));

        assertThat(listed).as("the rows of " + PAGE + " must be:\n" + expected).isEqualTo(expected);
    }

    @Test
    void namesAndPrometheusNamesAreUnique() {
        assertThat(HeadraceMetric.values())
                .extracting(HeadraceMetric::metricName)
                .doesNotHaveDuplicates();
        assertThat(HeadraceMetric.values())
                .extracting(HeadraceMetric::prometheusName)
                .doesNotHaveDuplicates();
    }

    @Test
    void theOptionIsDocumented() throws Exception {
        assertThat(Files.readString(PAGE))
                .contains(
                        "`%s` (%d s)"
                                .formatted(
                                        SlowRecords.SLOW_RECORD.key(),
                                        SlowRecords.SLOW_RECORD.defaultValue().toSeconds()));
    }
}
