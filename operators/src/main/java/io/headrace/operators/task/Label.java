package io.headrace.operators.task;

import java.io.Serializable;
import java.util.Objects;

/**
 * A class that a record may belong to.
 *
 * @param name the label as it appears in the output
 * @param description what it means, shown to the model; may be empty
 */
public record Label(String name, String description) implements Serializable {

    public Label {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a label is empty");
        }
        if (name.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a label spans several lines: " + name);
        }
        Objects.requireNonNull(description, "description");
    }

    /** A label without description. */
    public static Label of(String name) {
        return new Label(name, "");
    }

    /** The label as the model sees it: underscores become spaces, which models read better. */
    String shown() {
        return name.replace('_', ' ').strip();
    }
}
