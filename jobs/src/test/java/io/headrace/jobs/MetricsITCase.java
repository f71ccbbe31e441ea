package io.headrace.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headrace.local.FlinkCluster;
import io.headrace.local.FreePorts;
import io.headrace.operators.metrics.HeadraceMetric;
import io.headrace.operators.metrics.SlowRecords;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar on a JobManager and a TaskManager that are processes of their own and know of
 * Headrace what is in that jar; submitted with Flink's own command line, watched through Flink's
 * Prometheus reporter.
 */
class MetricsITCase {

    private static final Path JAR = FlinkDistribution.JOB_JAR;
    private static final Path DEPLOY = Path.of("..", "deploy");
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int REPORTERS = 4;

    private static final Pattern SERIES = Pattern.compile("(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)[{ ]");

    /** What the labels of some series say once all records have ended. */
    private static final List<Pattern> LABELLED =
            List.of(
                    Pattern.compile("quantile=\"0\\.99\""),
                    Pattern.compile("task=\"intent\""),
                    Pattern.compile("stage_error_writtenDeadLetters\\{[^}]*error=\"Rejected\""),
                    Pattern.compile("stage_error_writtenDeadLetters\\{[^}]*stage=\"DECODE\""),
                    Pattern.compile(
                            "model_stepSeconds\\{[^}]*model=\"headrace-tiny@[0-9a-f]{8}\""));

    private static final Pattern NAMED = Pattern.compile("\\bflink_[a-zA-Z0-9_]+");

    @TempDir static Path folder;
    private static final int FIRST_PORT = FreePorts.next();
    private static Fixture fixture;
    private static FlinkCluster flink;
    private static String scraped = "";

    @BeforeAll
    static void runTheJob() throws Exception {
        assertThat(JAR).as("the jar, which the package phase builds").exists();
        fixture = new Fixture(folder);
        fixture.servers().kafka().topics().create("messages", 2);
        flink =
                FlinkCluster.start(
                        FlinkDistribution.lib(),
                        1,
                        1,
                        Map.of(
                                "metrics.reporter.prom.factory.class",
                                "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
                                "metrics.reporter.prom.port",
                                FIRST_PORT + "-" + (FIRST_PORT + REPORTERS),
                                "metrics.reporter.prom.filterLabelValueCharacters",
                                "false",
                                "traces.reporters",
                                "log",
                                "traces.reporter.log.factory.class",
                                "org.apache.flink.traces.slf4j.Slf4jTraceReporterFactory",
                                SlowRecords.SLOW_RECORD.key(),
                                "1 ms"));
        Path file =
                Files.writeString(
                        folder.resolve("pipeline.yaml"),
                        fixture.pipelineText() + "failure: { maxAttempts: 1 }\n");
        produce();
        submit(file);
        awaitMetrics();
    }

    private static void produce() throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            records.add(record("I lost my card number " + i));
        }
        records.add(record("much too long ".repeat(500)));
        records.add(new ProducerRecord<>("messages", "not avro".getBytes(UTF_8)));
        fixture.produce(records);
    }

    private static ProducerRecord<byte[], byte[]> record(String body) {
        return new ProducerRecord<>(
                "messages", fixture.encode("messages", Fixture.message("c", body)));
    }

    /** {@code flink run -d headrace-jobs-job.jar FILE}. */
    private static void submit(Path file) throws Exception {
        Path log = folder.resolve("client.log");
        ProcessBuilder command =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx400m",
                                // As in the configuration of a distribution.
                                "--add-opens=java.base/java.util=ALL-UNNAMED",
                                "-cp",
                                FlinkDistribution.lib().stream()
                                        .map(Path::toString)
                                        .collect(Collectors.joining(File.pathSeparator)),
                                "org.apache.flink.client.cli.CliFrontend",
                                "run",
                                "-d",
                                JAR.toString(),
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile());
        command.environment().put("FLINK_CONF_DIR", clientConfiguration().toString());
        Process client = command.start();
        try {
            assertThat(client.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            client.destroyForcibly();
        }
        assertThat(client.exitValue()).as(Files.readString(log)).isZero();
    }

    private static Path clientConfiguration() throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(
                conf.resolve("config.yaml"),
                "execution.target: remote\nrest.address: 127.0.0.1\nrest.port: "
                        + flink.restPort()
                        + "\n");
        return conf;
    }

    @AfterAll
    static void stop() {
        if (flink != null) {
            flink.close();
        }
        fixture.close();
    }

    /** Until all records have ended and the engine's figures are known. */
    private static void awaitMetrics() throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!(missing(documented()).isEmpty() && unlabelled().isEmpty())
                && System.nanoTime() < deadline) {
            Thread.sleep(500);
            scraped = scrape();
        }
    }

    private static String scrape() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        StringBuilder all = new StringBuilder();
        for (int port = FIRST_PORT; port <= FIRST_PORT + REPORTERS; port++) {
            URI uri = URI.create("http://127.0.0.1:" + port + "/metrics");
            try {
                all.append(
                        client.send(
                                        HttpRequest.newBuilder(uri).build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .body());
            } catch (ConnectException e) {
                // No reporter took this port.
            }
        }
        return all.toString();
    }

    private static Set<String> documented() {
        return Arrays.stream(HeadraceMetric.values())
                .map(HeadraceMetric::prometheusName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Those of the names that no series has. */
    private static Set<String> missing(Set<String> names) {
        Set<String> missing = new TreeSet<>(names);
        missing.removeAll(
                SERIES.matcher(scraped)
                        .results()
                        .map(found -> found.group(1))
                        .collect(Collectors.toSet()));
        return missing;
    }

    /**
     * Those of the labels that no series has: reporters show a series some time after its first.
     */
    private static List<Pattern> unlabelled() {
        return LABELLED.stream().filter(label -> !label.matcher(scraped).find()).toList();
    }

    private static Set<String> namesIn(Path file) throws IOException {
        return NAMED.matcher(Files.readString(file))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theEndpointServesEveryDocumentedMetric() {
        assertThat(missing(documented())).isEmpty();
        assertThat(unlabelled()).as(scraped).isEmpty();
    }

    @Test
    void slowRecordsAreTracedWithoutTheirContent() throws Exception {
        List<String> spans =
                Files.readAllLines(flink.file("taskmanager-1.log")).stream()
                        .filter(line -> line.contains("SlowRecord"))
                        .toList();
        assertThat(spans).isNotEmpty();
        assertThat(spans.get(0))
                .contains("computeMillis", "promptTokens", "headrace-tiny")
                .doesNotContain("I lost my card");
    }

    @Test
    void everyMetricOfTheDashboardIsServed() throws Exception {
        Path dashboard = DEPLOY.resolve("grafana/dashboards/headrace.json");
        assertThat(new ObjectMapper().readTree(dashboard.toFile()).path("panels")).isNotEmpty();
        assertThat(namesIn(dashboard)).hasSizeGreaterThan(25);
        assertThat(missing(namesIn(dashboard))).isEmpty();
    }

    @Test
    void everyMetricOfTheAlertsIsServedAndEachAlertHasAnEntryInTheRunBook() throws Exception {
        Path rules = DEPLOY.resolve("prometheus/rules.yml");
        assertThat(missing(namesIn(rules))).isEmpty();
        String runBook = Files.readString(Path.of("..", "docs", "runbook.md"));
        List<String> alerts =
                Pattern.compile("- alert: (\\w+)")
                        .matcher(Files.readString(rules))
                        .results()
                        .map(found -> found.group(1))
                        .toList();
        assertThat(alerts).isNotEmpty();
        for (String alert : alerts) {
            assertThat(runBook).contains("\n## " + alert + "\n");
            assertThat(Files.readString(rules))
                    .contains("docs/runbook.md#" + alert.toLowerCase(Locale.ROOT));
        }
    }
}
