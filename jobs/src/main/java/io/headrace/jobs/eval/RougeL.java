package io.headrace.jobs.eval;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * ROUGE-L: F1 of the longest common subsequence of words, in lower case and without punctuation.
 *
 * <p>Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004.
 */
final class RougeL {

    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

    private RougeL() {}

    static double of(String gold, String predicted) {
        List<String> left = words(gold);
        List<String> right = words(predicted);
        if (left.isEmpty() || right.isEmpty()) {
            return left.isEmpty() && right.isEmpty() ? 1 : 0;
        }
        return 2.0 * longestCommonSubsequence(left, right) / (left.size() + right.size());
    }

    private static List<String> words(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private static int longestCommonSubsequence(List<String> left, List<String> right) {
        int[] previous = new int[right.size() + 1];
        for (String word : left) {
            int[] current = new int[right.size() + 1];
            for (int j = 1; j <= right.size(); j++) {
                current[j] =
                        word.equals(right.get(j - 1))
                                ? previous[j - 1] + 1
                                : Math.max(previous[j], current[j - 1]);
            }
            previous = current;
        }
        return previous[right.size()];
    }
}
