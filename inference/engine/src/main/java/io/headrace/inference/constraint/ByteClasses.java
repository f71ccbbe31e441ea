package io.headrace.inference.constraint;

/**
 * A coarse division of the bytes, so that a set of them fits into a {@code long}: lower-case
 * letters, upper-case letters, digits, control characters, bytes outside of ASCII, and each other
 * character of ASCII alone.
 */
final class ByteClasses {

    /** All classes of ASCII characters that are not controls. */
    static final long PRINTABLE;

    private static final byte[] CLASSES = new byte[256];

    private static final int CONTROL = 0;
    private static final int HIGH = 1;

    static {
        int next = HIGH + 4;
        long printable = 0;
        for (int value = 0; value < 256; value++) {
            if (value < 0x20 || value == 0x7F) {
                CLASSES[value] = CONTROL;
            } else if (value >= 0x80) {
                CLASSES[value] = HIGH;
            } else if (value >= 'a' && value <= 'z') {
                CLASSES[value] = HIGH + 1;
            } else if (value >= 'A' && value <= 'Z') {
                CLASSES[value] = HIGH + 2;
            } else if (value >= '0' && value <= '9') {
                CLASSES[value] = HIGH + 3;
            } else {
                CLASSES[value] = (byte) next++;
            }
            if (value >= 0x20 && value < 0x7F) {
                printable |= 1L << CLASSES[value];
            }
        }
        PRINTABLE = printable;
    }

    private ByteClasses() {}

    /** The class of a byte, as a set of one. */
    static long of(int value) {
        return 1L << CLASSES[value];
    }
}
