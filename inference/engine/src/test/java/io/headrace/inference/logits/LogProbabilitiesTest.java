package io.headrace.inference.logits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogProbabilitiesTest {

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 30", "512, 4", "513, 0", "4096, 12", "128256, 3", "9000, 1000"})
    void theSumIsThatOfTheMathLibrary(int length, double spread) {
        Random random = new Random(length);
        float[] row = new float[length + 3];
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            row[i] = (float) (50 + spread * random.nextGaussian());
            if (i % 5 == 4) {
                row[i] = Float.NEGATIVE_INFINITY;
            }
            largest = Math.max(largest, row[i]);
        }
        row[length] = 1e6f; // Behind the end: not part of it.
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += Math.exp(row[i] - largest);
        }
        assertThat(LogProbabilities.logSumExp(row, length))
                .isEqualTo(largest + Math.log(sum), within(5e-7));
    }
}
