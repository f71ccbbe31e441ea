package io.headrace.jobs.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headrace.jobs.eval.CascadeCurve.Row;
import org.junit.jupiter.api.Test;

class CascadeCurveTest {

    private static CascadeCurve curve() {
        CascadeCurve curve = new CascadeCurve();
        curve.add(new Row(0.9, true, true, 0, 1_000_000, 100));
        curve.add(new Row(0.6, false, true, 0, 1_000_000, 100));
        curve.add(new Row(0.3, false, true, 0, 1_000_000, 100));
        curve.add(new Row(Double.NaN, true, true, 0, 2_000_000, 200));
        return curve;
    }

    @Test
    void asksAgainBelowTheThresholdAndWhereThereIsNoConfidence() {
        CascadeCurve.Point point = curve().at(0.6);
        assertThat(point.askedAgain()).isEqualTo(0.5); // not the one that is at the threshold
        assertThat(point.accuracy()).isEqualTo(0.75);
        assertThat(point.costPerThousand()).isCloseTo(1000 * 0.003 / 4, within(1e-12));
        assertThat(point.secondTokensPerRow()).isEqualTo(75);
    }

    @Test
    void choosesTheLowestThresholdThatIsGoodEnough() {
        assertThat(curve().best().below()).isEqualTo(0.61);
        assertThat(curve().choose(0.75).below()).isEqualTo(0.31);
        assertThat(curve().choose(0.4).below()).isZero();
        assertThat(curve().points()).hasSize(101);
    }
}
