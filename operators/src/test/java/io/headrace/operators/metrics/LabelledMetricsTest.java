package io.headrace.operators.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.operators.Failure;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.Provenance;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskResult.Classified;
import io.headrace.operators.task.TaskResult.MultiLabelled;
import io.headrace.operators.task.TaskResult.ScoredLabel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.traces.Span;
import org.junit.jupiter.api.Test;

class LabelledMetricsTest {

    private static final Provenance PROVENANCE =
            new Provenance("v", "m", "d", "e", 100, 60, 7, false, 20, 30);

    private final RecordedMetrics metrics = new RecordedMetrics();
    private final MetricScope scope = new MetricScope(metrics);

    private static Classified classified(String label, boolean abstained) {
        return new Classified(label, 0.5, Optional.empty(), 0.5, abstained);
    }

    @Test
    void countsResultsByTaskAndClass() {
        ResultCounters results = new ResultCounters(scope);
        results.count("intent", classified("refund", false));
        results.count("intent", classified("refund", false));
        results.count("intent", classified("refund", true));
        results.count("tags", new MultiLabelled(List.of(new ScoredLabel("a", 1))));
        results.count("tags", new MultiLabelled(List.of()));
        results.count("summary", new TaskResult.Summarized("x"));

        assertThat(metrics.counts())
                .containsEntry("headrace.task=intent.label=refund.results", 2L)
                .containsEntry("headrace.task=intent.label=abstained.results", 1L)
                .containsEntry("headrace.task=tags.label=a.results", 1L)
                .containsEntry("headrace.task=tags.label=abstained.results", 1L)
                .containsEntry("headrace.task=summary.label=answered.results", 1L)
                .hasSize(5);
    }

    @Test
    void neverHasMoreSeriesThanTheBoundHoweverManyClassesOccur() {
        ResultCounters results = new ResultCounters(scope);
        for (int i = 0; i < 1_000; i++) {
            results.count("intent", classified("label " + i, false));
        }
        FailureCounters failures = new FailureCounters(scope, HeadraceMetric.FAILURES);
        for (int i = 0; i < 1_000; i++) {
            failures.count(new Failure(Stage.RENDER, "Class" + i, "why", 1));
        }

        assertThat(metrics.counts())
                .hasSize(51 + 21)
                .containsEntry("headrace.task=intent.label=other.results", 950L)
                .containsEntry("headrace.stage=RENDER.error=other.failures", 980L);
    }

    @Test
    void countsEverySlowRecordAndTracesOneASecond() {
        Configuration configuration = new Configuration();
        configuration.set(SlowRecords.SLOW_RECORD, Duration.ofSeconds(2));
        AtomicLong now = new AtomicLong(5);
        SlowRecords slow = new SlowRecords(metrics, scope, configuration, now::get);

        slow.left(Duration.ofMillis(1_999).toNanos(), 10, PROVENANCE);
        assertThat(metrics.spans()).isEmpty();
        slow.left(Duration.ofSeconds(2).toNanos(), 10, PROVENANCE);
        slow.left(Duration.ofSeconds(3).toNanos(), 11, PROVENANCE);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        slow.left(Duration.ofSeconds(4).toNanos(), 12, PROVENANCE);

        assertThat(metrics.counts()).containsEntry("headrace.slowRecords", 3L);
        assertThat(metrics.spans()).hasSize(2);
        Span span = metrics.spans().get(1);
        assertThat(span.getEndTsMillis() - span.getStartTsMillis()).isEqualTo(4_000);
        assertThat(span.getAttributes())
                .containsEntry("queueMillis", 20L)
                .containsEntry("computeMillis", 30L)
                .containsEntry("textLength", 12L)
                .containsEntry("promptTokens", 100L);
    }
}
