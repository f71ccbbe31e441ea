package io.headrace.inference.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
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
        assertThat(mask(0, 63, 64, 130).argmax(logits)).isEqualTo(64);
        logits[0] = Float.NaN;
        assertThat(mask(0, 63).argmax(logits)).isEqualTo(63);
        java.util.Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        assertThat(mask(7, 8).argmax(logits)).isEqualTo(7);
        assertThatThrownBy(() -> mask().argmax(logits)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void isComparedByContent() {
        assertThat(mask(1, 2)).isEqualTo(mask(2, 1)).hasSameHashCodeAs(mask(1, 2));
        assertThat(mask(1)).isNotEqualTo(mask(2));
    }
}
