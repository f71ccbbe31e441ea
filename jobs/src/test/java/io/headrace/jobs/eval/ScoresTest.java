package io.headrace.jobs.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoresTest {

    private static ClassificationScore score() {
        ClassificationScore score = new ClassificationScore();
        score.add("a", "a", 0.9);
        score.add("a", "a", 0.8);
        score.add("a", "b", 0.6);
        score.add("b", "b", 0.7);
        return score;
    }

    @Test
    void countsAccuracyAndMacroF1() {
        assertThat(score().accuracy()).isEqualTo(0.75);
        // a: P 1, R 2/3, F1 0.8; b: P 1/2, R 1, F1 2/3.
        assertThat(score().macroF1()).isCloseTo((0.8 + 2.0 / 3) / 2, within(1e-9));
        assertThat(score().confusion().get("a")).containsEntry("b", 1);
    }

    @Test
    void measuresCalibrationByBins() {
        ClassificationScore score = new ClassificationScore();
        for (int i = 0; i < 10; i++) {
            score.add("a", i < 6 ? "a" : "b", 0.8);
        }
        assertThat(score.expectedCalibrationError()).isCloseTo(0.2, within(1e-9));
    }

    @Test
    void aProbabilityOfOneFallsIntoTheLastBin() {
        ClassificationScore score = new ClassificationScore();
        score.add("a", "a", 1.0);
        assertThat(score.bins().get(ClassificationScore.BINS - 1).rows()).isEqualTo(1);
        assertThat(score.expectedCalibrationError()).isZero();
    }

    @Test
    void countsFieldsByValue() throws Exception {
        ObjectMapper json = new ObjectMapper();
        ExtractionScore score = new ExtractionScore();
        score.add(
                json.readTree("{\"n\":12.50,\"s\":\"two  words\",\"x\":null}"),
                json.readTree("{\"n\":12.5,\"s\":\" two words\",\"x\":\"made up\"}"),
                List.of("n", "s", "x"));
        assertThat(score.fields().get("n").f1()).isEqualTo(1);
        assertThat(score.fields().get("s").f1()).isEqualTo(1);
        assertThat(score.fields().get("x").precision()).isZero();
        assertThat(score.microF1()).isCloseTo(0.8, within(1e-9));
        assertThat(score.exactRows()).isZero();
    }

    @Test
    void comparesSummariesByTheirLongestCommonSubsequence() {
        assertThat(RougeL.of("The cat sat.", "the cat SAT")).isEqualTo(1);
        assertThat(RougeL.of("a b c d", "a x c")).isCloseTo(4.0 / 7, within(1e-9));
        assertThat(RougeL.of("a", "")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plot.png", "plot.svg"})
    void drawsPlots(String name, @TempDir Path folder) throws Exception {
        Plots.confusion(score(), folder.resolve("confusion-" + name));
        Plots.calibration(score(), folder.resolve("calibration-" + name));
        assertThat(Files.size(folder.resolve("confusion-" + name))).isGreaterThan(1_000);
        assertThat(Files.size(folder.resolve("calibration-" + name))).isGreaterThan(1_000);
    }
}
