package io.headrace.inference.constraint;

/**
 * The bounds that apply where a schema states none. They keep every output finite.
 *
 * @param maxLength characters of a string
 * @param maxItems items of an array
 * @param integerDigits digits of an integer, and digits before the point of a number
 * @param fractionDigits digits after the point of a number; a bound with more digits raises it
 * @param recursionDepth how often one {@code $ref} may stand open inside itself; deeper values are
 *     left out
 */
public record ConstraintOptions(
        int maxLength, int maxItems, int integerDigits, int fractionDigits, int recursionDepth) {

    /** 256 characters, 64 items, 18 digits, 6 fraction digits, recursion 4 deep. */
    public static final ConstraintOptions DEFAULTS = new ConstraintOptions(256, 64, 18, 6, 4);

    public ConstraintOptions {
        requireRange("maxLength", maxLength, 1, 1_000_000);
        requireRange("maxItems", maxItems, 1, 1_000_000);
        requireRange("integerDigits", integerDigits, 1, 100);
        requireRange("fractionDigits", fractionDigits, 1, 100);
        requireRange("recursionDepth", recursionDepth, 1, 16);
    }

    private static void requireRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    name + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}
