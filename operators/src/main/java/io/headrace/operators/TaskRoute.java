package io.headrace.operators;

import io.headrace.inference.InferenceRequest;
import io.headrace.operators.state.Cascaded;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.task.PromptBudget;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Steps;
import io.headrace.operators.task.Task;
import java.util.Optional;

/**
 * The way of one task: the engine that is asked first, and the one that is asked when that was not
 * sure. Thread-safe.
 */
final class TaskRoute {

    private final Task task;
    private final Steps steps;
    private final Questions questions;
    private final Responder first;
    private final Optional<Responder> second;
    private final Optional<Cascade> cascade;
    private final PromptBudget firstBudget;
    private final Optional<PromptBudget> secondBudget;

    TaskRoute(
            Task task,
            Questions questions,
            Responder first,
            Optional<Responder> second,
            Optional<Cascade> cascade) {
        this.task = task;
        this.steps = task.steps();
        this.questions = questions;
        this.first = first;
        this.second = second;
        this.cascade = cascade;
        this.firstBudget = first.budget(questions, task);
        this.secondBudget = second.map(responder -> responder.budget(questions, task));
    }

    Task task() {
        return task;
    }

    Steps steps() {
        return steps;
    }

    Responder responder(boolean asksSecond) {
        return asksSecond ? second.orElseThrow() : first;
    }

    PromptBudget budget(boolean asksSecond) {
        return asksSecond ? secondBudget.orElseThrow() : firstBudget;
    }

    InferenceRequest request(Question question, boolean asksSecond) {
        return questions.request(task, question, responder(asksSecond));
    }

    /** The tokens of the prompt that puts the task on a text to the first engine. */
    int promptTokens(String text) {
        return questions.promptTokens(task, text, first);
    }

    /** Whether a first answer of this confidence is asked again; always where there is none. */
    boolean doubts(double confidence) {
        return cascade.isPresent() && !(confidence >= cascade.get().below());
    }

    /** Whether this is the answer of the engine that was to give it. */
    boolean keeps(TaskOutcome outcome) {
        boolean bySecond = outcome.cascaded().map(Cascaded::secondAnswered).orElse(false);
        return bySecond == outcome.cascaded().isPresent()
                && !responder(bySecond).standsIn(outcome.usage());
    }

    /** Whether the first answer stands where the second engine has no budget left. */
    boolean keepsFirst() {
        return cascade.map(Cascade::keepsFirst).orElse(false);
    }
}
