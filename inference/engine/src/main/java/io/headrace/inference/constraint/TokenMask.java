package io.headrace.inference.constraint;

import io.headrace.inference.logits.LogitRow;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** A set of tokens, one bit each. Immutable; compared by content. */
public final class TokenMask {

    private final long[] words;
    private final int cardinality;

    /** Takes the array over: the caller must not write to it again. */
    TokenMask(long[] words) {
        this.words = words;
        int count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        this.cardinality = count;
    }

    public boolean allows(int token) {
        return token >= 0
                && token >> 6 < words.length
                && (words[token >> 6] & 1L << (token & 63)) != 0;
    }

    /** The number of allowed tokens. */
    public int cardinality() {
        return cardinality;
    }

    public boolean isEmpty() {
        return cardinality == 0;
    }

    /**
     * The allowed token with the greatest logit; the lowest of equals.
     *
     * @throws IllegalStateException when no token is allowed
     */
    public int argmax(LogitRow logits) {
        if (isEmpty()) {
            throw new IllegalStateException("the mask allows no token");
        }
        return logits.argMax(words);
    }

    /** Gives each allowed token, in ascending order. */
    public void forEach(IntConsumer action) {
        for (int index = 0; index < words.length; index++) {
            for (long word = words[index]; word != 0; word &= word - 1) {
                action.accept((index << 6) + Long.numberOfTrailingZeros(word));
            }
        }
    }

    /** The number of 64-bit words: token {@code t} is bit {@code t % 64} of word {@code t / 64}. */
    public int wordCount() {
        return words.length;
    }

    /** One word of the bit set. */
    public long word(int index) {
        return words[index];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenMask mask && Arrays.equals(words, mask.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    @Override
    public String toString() {
        return "TokenMask[" + cardinality + " of " + words.length * 64L + "]";
    }
}
