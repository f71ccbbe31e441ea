package io.headrace.operators.task;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A class that a record may belong to.
 *
 * @param name the label as it appears in the output
 * @param description what it means, shown to the model; may be empty
 * @param examples texts of the class, shown to the model; each of one line
 */
public record Label(String name, String description, List<String> examples)
        implements Serializable {

    public Label {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a label is empty");
        }
        if (name.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a label spans several lines: " + name);
        }
        Objects.requireNonNull(description, "description");
        examples = List.copyOf(examples);
        for (String example : examples) {
            if (example.isBlank() || example.indexOf('\n') >= 0) {
                throw new IllegalArgumentException(
                        "label '" + name + "': an example must be one line of text");
            }
        }
    }

    /** A label with a description and no examples. */
    public Label(String name, String description) {
        this(name, description, List.of());
    }

    /** A label without description. */
    public static Label of(String name) {
        return new Label(name, "");
    }

    /** The label as the model sees it: underscores become spaces, which models read better. */
    String shown() {
        return name.replace('_', ' ').strip();
    }

    /** The lines that show labels to the model. */
    static String lines(List<Label> labels) {
        return labels.stream().map(Label::line).collect(Collectors.joining("\n", "Labels:\n", ""));
    }

    private String line() {
        String line = description.isEmpty() ? shown() : shown() + ": " + description;
        return examples.isEmpty()
                ? line
                : line
                        + examples.stream()
                                .collect(Collectors.joining("\"; \"", " (for example: \"", "\")"));
    }

    /**
     * Refuses labels that the model could not tell apart.
     *
     * @throws IllegalArgumentException if there are such
     */
    static void requireDistinct(String task, List<Label> labels) {
        Map<String, Label> byShown = new HashMap<>();
        for (Label label : labels) {
            Label before = byShown.put(label.shown(), label);
            if (before != null) {
                throw new IllegalArgumentException(
                        "task '"
                                + task
                                + "': labels '"
                                + before.name()
                                + "' and '"
                                + label.name()
                                + "' look the same to the model (underscores count as spaces)");
            }
        }
    }
}
