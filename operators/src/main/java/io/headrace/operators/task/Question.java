package io.headrace.operators.task;

import io.headrace.inference.Output;
import java.util.Objects;

/**
 * One thing to ask the engine about a text.
 *
 * @param text the text, which stands in a fence in the prompt
 * @param suffix what follows the task's name at the end of the prompt; may be empty
 * @param output what the engine is to produce
 */
public record Question(String text, String suffix, Output output) {

    public Question {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(suffix, "suffix");
        Objects.requireNonNull(output, "output");
    }
}
