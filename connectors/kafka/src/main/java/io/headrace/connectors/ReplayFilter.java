package io.headrace.connectors;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which dead letters are sent back.
 *
 * @param stages stages, as they stand in the letters; none for all
 * @param errorClasses error classes, as they stand in the letters; none for all
 * @param failedFrom earliest time of failure, milliseconds since 1970
 * @param failedBefore end of the times of failure
 * @param maxFailures a record that has failed so often stays where it is
 */
public record ReplayFilter(
        Set<String> stages,
        Set<String> errorClasses,
        long failedFrom,
        long failedBefore,
        int maxFailures) {

    public ReplayFilter {
        stages = lowerCase(stages);
        errorClasses = lowerCase(errorClasses);
        if (maxFailures < 1) {
            throw new IllegalArgumentException("maxFailures must be at least 1: " + maxFailures);
        }
    }

    private static Set<String> lowerCase(Set<String> names) {
        return names.stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    boolean selects(DeadLetter letter) {
        return (stages.isEmpty() || stages.contains(letter.stage().toLowerCase(Locale.ROOT)))
                && (errorClasses.isEmpty()
                        || errorClasses.contains(letter.errorClass().toLowerCase(Locale.ROOT)))
                && letter.failedAtMillis() >= failedFrom
                && letter.failedAtMillis() < failedBefore;
    }

    boolean isExhausted(DeadLetter letter) {
        return letter.replays() + 1 >= maxFailures;
    }
}
