package io.headrace.inference.logits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.jna.Memory;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both kinds of rows say the same of the same logits. */
class LogitRowTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 512, 4096, 5001, 128256})
    void inNativeMemoryAsInAnArray(int length) {
        Random random = new Random(length);
        for (int round = 0; round < 50; round++) {
            float[] logits = new float[length];
            long[] allowed = new long[(length + 63) / 64];
            for (int i = 0; i < length; i++) {
                logits[i] = random.nextInt(50) / 7f;
                if (random.nextInt(round % 5 == 0 ? 2 : 40) == 0) {
                    allowed[i >> 6] |= 1L << (i & 63);
                }
            }
            for (int odd = random.nextInt(4); odd > 0; odd--) {
                logits[random.nextInt(length)] =
                        new float[] {Float.NEGATIVE_INFINITY, Float.NaN, Float.POSITIVE_INFINITY}
                                [random.nextInt(round % 2 == 0 ? 1 : 3)];
            }
            try (Memory memory = new Memory((long) Float.BYTES * length)) {
                memory.write(0, logits, 0, length);
                same(NativeRow.at(memory, length), new ArrayRow(logits), allowed);
            }
        }
    }

    private static void same(LogitRow row, LogitRow array, long[] allowed) {
        assertThat(outcome(row::argMax)).isEqualTo(outcome(array::argMax));
        assertThat(outcome(() -> row.argMax(allowed)))
                .isEqualTo(outcome(() -> array.argMax(allowed)));
        Object sum = outcome(array::logSumExp);
        if (sum instanceof Double number) {
            assertThat(row.logSumExp()).isEqualTo(number, within(1e-6));
        } else {
            assertThat(outcome(row::logSumExp)).isEqualTo(sum);
        }
    }

    private static Object outcome(Supplier<Object> asked) {
        try {
            return asked.get();
        } catch (BrokenLogitsException | IllegalArgumentException e) {
            return e.getClass();
        }
    }

    @Test
    void readsNothingBehindItsEnd() {
        try (Memory memory = new Memory(16)) {
            LogitRow row = NativeRow.at(memory, 4);
            assertThatThrownBy(() -> row.at(4)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> row.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        try (Memory memory = new Memory(4 * 65)) {
            LogitRow row = NativeRow.at(memory, 65);
            assertThatThrownBy(() -> row.argMax(new long[1]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
