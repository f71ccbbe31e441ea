package io.headrace.operators.task;

import java.util.List;

/** What a task wants next for a text, given what it was answered so far. */
public sealed interface Step {

    /**
     * These questions, all at once; at least one. Their answers follow those there were.
     *
     * @param questions what to ask
     */
    record Ask(List<Question> questions) implements Step {
        public Ask {
            questions = List.copyOf(questions);
            if (questions.isEmpty()) {
                throw new IllegalArgumentException("a step must ask something");
            }
        }
    }

    /**
     * Nothing more.
     *
     * @param result what was found out
     */
    record Done(TaskResult result) implements Step {}
}
