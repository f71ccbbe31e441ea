package io.headrace.operators;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.state.TaskProgress;
import io.headrace.operators.task.PromptBudget;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Step;
import io.headrace.operators.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A task's way through its steps for one record: the questions asked, the answers that are there,
 * and in the end the outcome. Owned by the task's thread.
 */
final class TaskRun {

    private final List<Question> questions = new ArrayList<>();

    /** One for each question; null where there is none yet. After a restore there may be more. */
    private final List<InferenceResult.Completed> answers = new ArrayList<>();

    private TaskOutcome outcome;

    boolean done() {
        return outcome != null;
    }

    TaskOutcome outcome() {
        return outcome;
    }

    void complete(TaskOutcome known) {
        outcome = known;
        questions.clear();
    }

    /** The answers that are there, in the order of the questions. */
    List<InferenceResult.Completed> answers() {
        return answers.stream().filter(Objects::nonNull).toList();
    }

    Question question(int index) {
        return questions.get(index);
    }

    void answer(int question, InferenceResult.Completed answer) {
        answers.set(question, answer);
    }

    /**
     * Goes on as far as the answers allow.
     *
     * @return the questions that must be asked now, by number; empty if some are still open, or if
     *     the task is done
     */
    List<Integer> advance(Task task, String text, PromptBudget budget) {
        List<Integer> ask = List.of();
        while (!done() && ask.isEmpty() && allAnswered()) {
            Step step = task.step(text, answers.subList(0, questions.size()), budget);
            if (step instanceof Step.Done done) {
                complete(new TaskOutcome(done.result(), usage()));
            } else {
                ask = added(((Step.Ask) step).questions());
            }
        }
        return ask;
    }

    private boolean allAnswered() {
        for (int i = 0; i < questions.size(); i++) {
            if (answers.get(i) == null) {
                return false;
            }
        }
        return true;
    }

    private List<Integer> added(List<Question> more) {
        List<Integer> unanswered = new ArrayList<>();
        for (Question question : more) {
            int index = questions.size();
            questions.add(question);
            if (answers.size() <= index) {
                answers.add(null);
            }
            if (answers.get(index) == null) {
                unanswered.add(index);
            }
        }
        return unanswered;
    }

    private Usage usage() {
        Usage sum = Usage.NONE;
        for (InferenceResult.Completed answer : answers.subList(0, questions.size())) {
            sum = sum.with(answer.usage());
        }
        return sum;
    }

    TaskProgress toState() {
        return done()
                ? new TaskProgress(Optional.of(outcome), List.of())
                : new TaskProgress(
                        Optional.empty(), answers.stream().map(Optional::ofNullable).toList());
    }

    void restore(TaskProgress state) {
        outcome = state.outcome().orElse(null);
        state.answers().forEach(answer -> answers.add(answer.orElse(null)));
    }
}
