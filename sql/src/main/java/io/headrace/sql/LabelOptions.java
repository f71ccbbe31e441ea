package io.headrace.sql;

import io.headrace.operators.task.Label;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

/**
 * Makes labels of the options that list, describe and illustrate them.
 *
 * @param options the model's options
 * @param given the same as they were written
 */
record LabelOptions(ReadableConfig options, Map<String, String> given) {

    /**
     * The labels.
     *
     * @param least how many there must be
     * @throws ValidationException if there are too few, or an option is about another label
     */
    List<Label> labels(int least) {
        List<String> names =
                options.getOptional(ModelOptions.LABELS).orElse(List.of()).stream()
                        .map(String::strip)
                        .toList();
        if (names.size() < least) {
            throw new ValidationException(
                    "'classify' needs "
                            + (least == 1 ? "labels" : "at least two labels")
                            + "; write 'labels' ="
                            + " 'refund; lost_card; praise', with semicolons between them");
        }
        requireNamed(names, ModelOptions.LABEL_PREFIX, "describes");
        requireNamed(names, ModelOptions.EXAMPLES_PREFIX, "has examples of");
        return names.stream()
                .map(
                        label ->
                                new Label(
                                        label,
                                        given.getOrDefault(ModelOptions.LABEL_PREFIX + label, ""),
                                        examples(label)))
                .toList();
    }

    private List<String> examples(String label) {
        String written = given.getOrDefault(ModelOptions.EXAMPLES_PREFIX + label, "");
        return Stream.of(written.split(";", -1))
                .map(String::strip)
                .filter(example -> !example.isEmpty())
                .toList();
    }

    private void requireNamed(List<String> names, String prefix, String does) {
        for (String key : given.keySet()) {
            if (key.startsWith(prefix) && !names.contains(key.substring(prefix.length()))) {
                throw new ValidationException(
                        "option '"
                                + key
                                + "' "
                                + does
                                + " a label that is not among 'labels', which are "
                                + String.join(", ", names));
            }
        }
    }
}
