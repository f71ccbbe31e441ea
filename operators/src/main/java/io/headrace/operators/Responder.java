package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.Usage;
import io.headrace.operators.task.PromptBudget;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Task;

/**
 * An engine as it is asked for a task.
 *
 * @param engine the engine
 * @param second whether it is asked after the first one
 */
record Responder(InferenceEngine engine, boolean second) {

    /**
     * Whether prompts hold the instructions of the one task only. Where all tasks stand in one
     * prompt, records and tasks share most of it; that pays in an engine's own prefix cache, and
     * costs where each token is billed or one task of several is asked.
     */
    boolean oneTaskPrompts() {
        return second || engine.remote();
    }

    String model() {
        return engine.model().name();
    }

    /** Whether another model answered in place of the engine's own. */
    boolean standsIn(Usage usage) {
        return !usage.answeredBy().isEmpty() && !usage.answeredBy().equals(model());
    }

    /** What fits into the engine's context when a task asks. */
    PromptBudget budget(Questions questions, Task task) {
        int contextTokens = engine.model().contextTokens();
        return new PromptBudget() {
            @Override
            public int contextTokens() {
                return contextTokens;
            }

            @Override
            public int promptTokens(Question question) {
                return engine.countPromptTokens(questions.request(task, question, Responder.this));
            }
        };
    }
}
