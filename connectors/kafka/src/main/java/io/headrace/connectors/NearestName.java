package io.headrace.connectors;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was probably meant: the one with the fewest edits, if they are few. */
public final class NearestName {

    private NearestName() {}

    /** The nearest of the names, if it is near enough to be a slip. */
    public static Optional<String> of(String name, Collection<String> names) {
        int most = Math.max(2, name.length() / 3);
        return names.stream()
                .filter(other -> edits(name, other) <= most)
                .min(Comparator.comparingInt(other -> edits(name, other)));
    }

    /** Counts insertions, deletions and substitutions: Levenshtein's distance. */
    private static int edits(String from, String to) {
        int[] previous = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            previous[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] current = new int[to.length() + 1];
            current[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int same = from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1;
                int inserted = Math.min(current[column - 1], previous[column]) + 1;
                current[column] = Math.min(inserted, previous[column - 1] + same);
            }
            previous = current;
        }
        return previous[to.length()];
    }
}
