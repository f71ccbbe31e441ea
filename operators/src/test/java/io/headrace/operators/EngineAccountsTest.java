package io.headrace.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headrace.inference.Usage;
import io.headrace.inference.remote.Prices;
import io.headrace.operators.metrics.MetricScope;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class EngineAccountsTest {

    /** Keeps the gauges. */
    private static final class Gauges extends UnregisteredMetricsGroup {

        private final Map<String, Gauge<?>> byName = new HashMap<>();

        @Override
        public MetricGroup addGroup(String name) {
            return this;
        }

        @Override
        public MetricGroup addGroup(String label, String value) {
            return this;
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            byName.put(name, gauge);
            return gauge;
        }

        double value(String name) {
            return ((Number) byName.get(name).getValue()).doubleValue();
        }
    }

    @Test
    void saysWhatAModelCostAndWhatItWouldHaveCostElsewhere() {
        Gauges gauges = new Gauges();
        ModelCounts counts = new ModelCounts();
        counts.register(new MetricScope(gauges), "big", new Prices(10, 1, 30), () -> 8);
        counts.answered(new Usage(1_000, 200, 50, 0, 0, 1_500_000, "big"));
        counts.add(new long[] {1, 1_000, 0, 50, 500_000}); // from a checkpoint
        assertThat(gauges.value("modelAnswers")).isEqualTo(2);
        assertThat(gauges.value("modelShare")).isEqualTo(0.25);
        assertThat(gauges.value("modelPromptTokens")).isEqualTo(2_000);
        assertThat(gauges.value("modelCost")).isCloseTo(0.002, within(1e-12));
        // 1800 fresh, 200 cached and 100 output tokens at prices of a million
        assertThat(gauges.value("modelReferenceCost"))
                .isCloseTo((1_800 * 10 + 200 * 1 + 100 * 30) / 1e6, within(1e-12));
    }
}
