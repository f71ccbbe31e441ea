package io.headrace.operators;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.operators.state.Cascaded;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.state.TaskProgress;
import io.headrace.operators.task.Question;
import io.headrace.operators.task.Step;
import io.headrace.operators.task.TaskResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A task's way through its steps for one record: the questions asked, the answers that are there,
 * and in the end the outcome. Owned by the task's thread.
 *
 * <p>Where the task has a cascade and its first result is not sure enough, the task begins anew
 * with the second engine, and the questions go on counting. Which of them are the second engine's
 * follows from the answers before, so a run that was restored with its answers asks none of them
 * again.
 */
final class TaskRun {

    private final List<Question> questions = new ArrayList<>();

    /** One for each question; null where there is none yet. After a restore there may be more. */
    private final List<InferenceResult.Completed> answers = new ArrayList<>();

    private Optional<First> first = Optional.empty();
    private TaskOutcome outcome;

    /**
     * A first result that was not sure enough.
     *
     * @param questions how many it took
     */
    record First(TaskResult result, double confidence, Usage usage, int questions) {}

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

    /** The first engine's result, once it has been doubted. */
    Optional<First> first() {
        return first;
    }

    /** Whether what is asked now goes to the second engine. */
    boolean asksSecond() {
        return first.isPresent();
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
    List<Integer> advance(TaskRoute route, String text) {
        List<Integer> ask = List.of();
        while (!done() && ask.isEmpty() && allAnswered()) {
            int from = first.map(First::questions).orElse(0);
            List<InferenceResult.Completed> given = answers.subList(from, questions.size());
            Step step = route.steps().step(text, given, route.budget(asksSecond()));
            if (step instanceof Step.Ask more) {
                ask = added(more.questions());
            } else {
                finish(((Step.Done) step).result(), given, route);
            }
        }
        return ask;
    }

    private void finish(TaskResult result, List<InferenceResult.Completed> given, TaskRoute route) {
        if (first.isPresent()) {
            Usage second = usage(given, route.responder(true));
            String model = second.answeredBy().isEmpty() ? secondModel(route) : second.answeredBy();
            complete(
                    new TaskOutcome(
                            result,
                            first.get().usage().with(second).answeredBy(model),
                            Optional.of(new Cascaded(first.get().confidence(), true))));
            return;
        }
        double confidence =
                Confidence.isKnownOf(route.task()) ? Confidence.of(result, given) : Double.NaN;
        Usage usage = usage(given, route.responder(false));
        if (route.doubts(confidence)) {
            first = Optional.of(new First(result, confidence, usage, questions.size()));
        } else {
            complete(new TaskOutcome(result, usage));
        }
    }

    private static String secondModel(TaskRoute route) {
        return route.responder(true).model();
    }

    /** Lets the first result stand; what the second engine has answered so far is paid anyway. */
    void keepFirst() {
        First known = first.orElseThrow();
        Usage paid = usage(answers());
        complete(
                new TaskOutcome(
                        known.result(),
                        paid.answeredBy(known.usage().answeredBy()),
                        Optional.of(new Cascaded(known.confidence(), false))));
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

    /** The sum, which names a stand-in also where it answered a part of the questions only. */
    private static Usage usage(List<InferenceResult.Completed> answers, Responder asked) {
        Usage sum = usage(answers);
        for (InferenceResult.Completed answer : answers) {
            if (asked.standsIn(answer.usage())) {
                return sum.answeredBy(answer.usage().answeredBy());
            }
        }
        return sum;
    }

    private static Usage usage(List<InferenceResult.Completed> answers) {
        if (answers.size() == 1) {
            return answers.get(0).usage();
        }
        Usage sum = Usage.NONE;
        for (InferenceResult.Completed answer : answers) {
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
