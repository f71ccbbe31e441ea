package io.headrace.inference.constraint;

/**
 * Where a span of a text may begin and end: at the borders of its words.
 *
 * <p>A word is a run of letters, digits and underscores. There is a border between two characters
 * unless both belong to one word; so each punctuation mark and symbol stands alone, and a span may
 * begin or end with one ({@code €45.50}, {@code (a)}). Scripts that do not put spaces between words
 * (Han, Kana, Thai, Lao, Khmer, Myanmar) have a border at every character. Combining marks, joiners
 * and emoji modifiers belong to the character before them. White space, control and format
 * characters never begin or end a span.
 */
final class WordBorders {

    private static final int JOINER = 0x200D;

    private WordBorders() {}

    /** Whether a span may begin at {@code points[index]}. */
    static boolean startsAt(int[] points, int index) {
        return index < points.length
                && visible(points[index])
                && !extendsCharacter(points[index])
                && border(points, index);
    }

    /** Whether a span may end before {@code points[index]}. */
    static boolean endsAt(int[] points, int index) {
        return index > 0 && visible(points[index - 1]) && border(points, index);
    }

    private static boolean border(int[] points, int index) {
        if (index == 0 || index == points.length) {
            return true;
        }
        int before = index - 1;
        if (extendsCharacter(points[index]) || points[before] == JOINER) {
            return false;
        }
        while (before > 0 && extendsCharacter(points[before])) {
            before--;
        }
        return !(inWord(points[before]) && inWord(points[index]));
    }

    private static boolean inWord(int point) {
        if (!Character.isLetterOrDigit(point)) {
            return point == '_';
        }
        return switch (Character.UnicodeScript.of(point)) {
            case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> false;
            default -> true;
        };
    }

    private static boolean extendsCharacter(int point) {
        return switch (Character.getType(point)) {
            case Character.NON_SPACING_MARK,
                    Character.COMBINING_SPACING_MARK,
                    Character.ENCLOSING_MARK ->
                    true;
            default -> point == JOINER || (point >= 0x1F3FB && point <= 0x1F3FF);
        };
    }

    private static boolean visible(int point) {
        return switch (Character.getType(point)) {
            case Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.CONTROL,
                    Character.FORMAT ->
                    false;
            default -> true;
        };
    }
}
