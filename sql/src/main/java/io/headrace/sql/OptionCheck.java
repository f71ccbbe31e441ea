package io.headrace.sql;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.util.TimeUtils;

/** Refuses options that are unknown or cannot be read. */
final class OptionCheck {

    /** Flink's own keys beside those of a factory. */
    private static final Set<String> FLINK_KEYS = Set.of("provider", "property-version");

    private OptionCheck() {}

    /**
     * Reads options.
     *
     * @param given keys and values as the user wrote them
     * @param known what may be written
     * @param prefixes what other keys may begin with
     * @param where what the options belong to, for the message
     * @throws ValidationException if an option is unknown or its value cannot be read
     */
    static Configuration read(
            Map<String, String> given,
            Set<ConfigOption<?>> known,
            List<String> prefixes,
            String where) {
        Set<String> keys =
                known.stream()
                        .map(ConfigOption::key)
                        .collect(Collectors.toCollection(TreeSet::new));
        for (String key : given.keySet()) {
            boolean prefixed = prefixes.stream().anyMatch(key::startsWith);
            if (!keys.contains(key) && !FLINK_KEYS.contains(key) && !prefixed) {
                throw new ValidationException(
                        "option '"
                                + key
                                + "' is unknown to "
                                + where
                                + "; the options are "
                                + String.join(", ", keys)
                                + prefixes.stream()
                                        .map(prefix -> " and " + prefix + "<name>")
                                        .collect(Collectors.joining()));
            }
        }
        Configuration options = Configuration.fromMap(given);
        known.forEach(option -> requireReadable(options, option));
        return options;
    }

    private static void requireReadable(Configuration options, ConfigOption<?> option) {
        try {
            options.getOptional(option);
        } catch (IllegalArgumentException e) {
            throw new ValidationException(
                    "'"
                            + option.key()
                            + "' = '"
                            + options.toMap().get(option.key())
                            + "' cannot be read; write for instance '"
                            + option.key()
                            + "' = '"
                            + example(option)
                            + "'",
                    e);
        }
    }

    private static String example(ConfigOption<?> option) {
        if (!option.hasDefaultValue()) {
            return "60";
        }
        return option.defaultValue() instanceof Duration duration
                ? TimeUtils.formatWithHighestUnit(duration)
                : option.defaultValue().toString();
    }
}
