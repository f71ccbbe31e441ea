package io.headrace.operators.task;

/** Tells a task what fits into the model's context. */
public interface PromptBudget {

    /** The most tokens of a prompt and its output together. */
    int contextTokens();

    /** The prompt tokens that a question of this task takes. */
    int promptTokens(Question question);
}
