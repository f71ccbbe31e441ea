package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.logits.ArrayRow;
import io.headrace.inference.logits.BrokenLogitsException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenMaskTest {

    private static TokenMask mask(int... tokens) {
        long[] words = new long[3];
        for (int token : tokens) {
            words[token >> 6] |= 1L << (token & 63);
        }
        return new TokenMask(words);
    }

    @Test
    void listsItsTokensInOrder() {
        TokenMask mask = mask(0, 63, 64, 130);
        List<Integer> tokens = new ArrayList<>();
        mask.forEach(tokens::add);
        assertThat(tokens).containsExactly(0, 63, 64, 130);
        assertThat(mask.cardinality()).isEqualTo(4);
        assertThat(mask.allows(64)).isTrue();
        assertThat(mask.allows(65)).isFalse();
        assertThat(mask.allows(-1)).isFalse();
        assertThat(mask.allows(10_000)).isFalse();
    }

    @Test
    void takesTheGreatestAllowedLogitAndTheLowestOfEquals() {
        float[] logits = new float[192];
        logits[5] = 9;
        logits[64] = 3;
        logits[130] = 3;
        assertThat(mask(0, 63, 64, 130).argmax(new ArrayRow(logits))).isEqualTo(64);
        logits[0] = Float.NaN;
        assertThat(mask(63, 64).argmax(new ArrayRow(logits))).isEqualTo(64);
        assertThatThrownBy(() -> mask(0, 63).argmax(new ArrayRow(logits)))
                .isInstanceOf(BrokenLogitsException.class);
        java.util.Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        assertThat(mask(7, 8).argmax(new ArrayRow(logits))).isEqualTo(7);
        assertThatThrownBy(() -> mask().argmax(new ArrayRow(logits)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void takesTheGreatestAllowedLogitOfAnyMask() {
        Random random = new Random(8);
        for (int round = 0; round < 500; round++) {
            int[] tokens = random.ints(1 + random.nextInt(190), 0, 190).distinct().toArray();
            float[] logits = new float[190];
            for (int token = 0; token < logits.length; token++) {
                logits[token] = random.nextInt(40) - 20;
            }
            int expected =
                    IntStream.of(tokens)
                            .boxed()
                            .min(
                                    Comparator.comparingDouble((Integer token) -> -logits[token])
                                            .thenComparing(Comparator.naturalOrder()))
                            .orElseThrow();
            assertThat(mask(tokens).argmax(new ArrayRow(logits))).isEqualTo(expected);
        }
    }

    @Test
    void isComparedByContent() {
        assertThat(mask(1, 2)).isEqualTo(mask(2, 1)).hasSameHashCodeAs(mask(1, 2));
        assertThat(mask(1)).isNotEqualTo(mask(2));
    }
}
