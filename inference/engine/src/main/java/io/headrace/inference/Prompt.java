package io.headrace.inference;

import java.util.List;

/**
 * A chat prompt of one system and one user message, rendered with the chat template of the model.
 *
 * <p>Each piece is tokenized on its own and as plain text: special tokens that are written inside a
 * piece are never parsed as such. Prompts that begin with equal pieces therefore begin with equal
 * tokens, which is what the prefix cache shares: put what all records share into {@code system},
 * and what all tasks of a record share first in {@code user}.
 *
 * @param system the instructions; an empty text means that there is no system message
 * @param user the pieces of the user message, in order; at least one
 */
public record Prompt(String system, List<String> user) {

    public Prompt {
        user = List.copyOf(user);
        if (user.isEmpty()) {
            throw new IllegalArgumentException("a prompt needs at least one user piece");
        }
    }
}
