package io.headrace.inference.constraint;

/** A mutable set of byte values, for one computation. */
final class ByteSet {

    private final long[] words = new long[4];

    void add(int value) {
        words[value >> 6] |= 1L << (value & 63);
    }

    void addRange(int low, int high) {
        for (int value = low; value <= high; value++) {
            add(value);
        }
    }

    boolean contains(int value) {
        return (words[value >> 6] & 1L << (value & 63)) != 0;
    }

    int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    /** The least value; the set must not be empty. */
    int first() {
        int index = 0;
        while (words[index] == 0) {
            index++;
        }
        return (index << 6) + Long.numberOfTrailingZeros(words[index]);
    }
}
