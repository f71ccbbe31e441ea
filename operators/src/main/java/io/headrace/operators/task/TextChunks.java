package io.headrace.operators.task;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Splits a text that is too long into parts that fit, on borders of sentences. Each part begins
 * with the last sentence of the one before, so that no thought is cut in two.
 */
final class TextChunks {

    private TextChunks() {}

    /**
     * Splits the text; the same text and predicate give the same parts.
     *
     * @param fits whether a part is short enough; of a part that is, every shorter one is too
     */
    static List<String> split(String text, Predicate<String> fits) {
        if (fits.test(text)) {
            return List.of(text);
        }
        List<String> sentences = pieces(text, fits);
        List<String> chunks = new ArrayList<>();
        int first = 0;
        int length = 1;
        while (first < sentences.size()) {
            int end = endOfChunk(sentences, first, length, fits);
            length = end - first;
            chunks.add(String.join("", sentences.subList(first, end)).strip());
            // The overlap is given up where it would keep the next part from going further.
            boolean overlaps =
                    end < sentences.size()
                            && end - 1 > first
                            && fits.test(sentences.get(end - 1) + sentences.get(end));
            first = overlaps ? end - 1 : end;
        }
        return chunks;
    }

    /**
     * The end of the most sentences from the first on that fit together; one always does. What is
     * tried grows from a guess, since counting the tokens of the whole rest each time would take
     * the square of the text's length.
     */
    private static int endOfChunk(
            List<String> sentences, int first, int guess, Predicate<String> fits) {
        int low = first + 1;
        int high = sentences.size();
        int tried = Math.min(high, first + Math.max(2, guess));
        while (low < tried && tried <= high) {
            if (fits.test(String.join("", sentences.subList(first, tried)))) {
                low = tried;
                tried = Math.min(high, first + 2 * (low - first));
            } else {
                high = tried - 1;
            }
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (fits.test(String.join("", sentences.subList(first, middle)))) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The sentences; one that does not fit is cut in halves until its parts do. */
    private static List<String> pieces(String text, Predicate<String> fits) {
        List<String> pieces = new ArrayList<>();
        for (String sentence : sentences(text)) {
            halve(sentence, fits, pieces);
        }
        return pieces;
    }

    private static void halve(String text, Predicate<String> fits, List<String> pieces) {
        if (text.codePointCount(0, text.length()) < 2 || fits.test(text)) {
            pieces.add(text);
            return;
        }
        int middle = text.lastIndexOf(' ', text.length() / 2) + 1;
        if (middle <= text.length() / 4) {
            middle = text.offsetByCodePoints(0, text.codePointCount(0, text.length()) / 2);
        }
        halve(text.substring(0, middle), fits, pieces);
        halve(text.substring(middle), fits, pieces);
    }

    /** The sentences with the space that follows each; together they are the text. */
    static List<String> sentences(String text) {
        BreakIterator borders = BreakIterator.getSentenceInstance(Locale.ROOT);
        borders.setText(text);
        List<String> sentences = new ArrayList<>();
        int start = borders.first();
        for (int end = borders.next(); end != BreakIterator.DONE; end = borders.next()) {
            sentences.add(text.substring(start, end));
            start = end;
        }
        return sentences;
    }
}
