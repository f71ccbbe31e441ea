package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ServiceClass;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Puts tasks on texts to an engine outside of the operator, with the same prompts and the same
 * steps. It neither tries again nor sets a time limit. Thread-safe.
 */
public final class TaskAsker {

    /**
     * How it ended.
     *
     * @param answers of the engine, in the order of the questions
     * @param result the typed result, if there is one
     * @param failure why there is none
     */
    public record Answer(
            List<InferenceResult.Completed> answers,
            Optional<TaskResult> result,
            Optional<Failure> failure) {

        public Answer {
            answers = List.copyOf(answers);
        }
    }

    private final InferenceEngine engine;
    private final Questions questions;

    public TaskAsker(InferenceEngine engine, TaskSet tasks) {
        this.engine = engine;
        this.questions = new Questions(tasks, ServiceClass.LIVE);
    }

    /**
     * Puts one task on a text to the engine. Cancelling the future, or completing it otherwise,
     * gives up what is under way.
     */
    public CompletableFuture<Answer> ask(Task task, String text) {
        Conversation conversation = new Conversation(task, text);
        conversation.advance();
        return conversation.ended;
    }

    /** One task on one text. Answers may come on any thread. */
    private final class Conversation {

        private final Task task;
        private final String text;
        private final TaskRun run = new TaskRun();
        private final Map<InferenceRequest, Integer> underWay = new LinkedHashMap<>();
        private final CompletableFuture<Answer> ended = new CompletableFuture<>();

        @SuppressWarnings("FutureReturnValueIgnored") // nothing follows on the clean-up
        Conversation(Task task, String text) {
            this.task = task;
            this.text = text;
            ended.whenComplete((answer, error) -> giveUp());
        }

        private void advance() {
            List<InferenceRequest> submit = new ArrayList<>();
            synchronized (this) {
                try {
                    for (int question : run.advance(task, text, questions.budget(task, engine))) {
                        InferenceRequest request = questions.request(task, run.question(question));
                        underWay.put(request, question);
                        submit.add(request);
                    }
                } catch (ResultConversionException e) {
                    fail(Stage.CONVERT, "Unconvertible", e.getMessage());
                    return;
                }
                if (run.done()) {
                    ended.complete(
                            new Answer(
                                    run.answers(),
                                    Optional.of(run.outcome().result()),
                                    Optional.empty()));
                }
            }
            submit.forEach(this::submit);
        }

        private void submit(InferenceRequest request) {
            engine.submit(request)
                    .whenComplete(
                            (result, error) ->
                                    onResult(
                                            request,
                                            error == null
                                                    ? result
                                                    : new InferenceResult.Failed(
                                                            String.valueOf(error))));
        }

        private void onResult(InferenceRequest request, InferenceResult result) {
            synchronized (this) {
                Integer question = underWay.remove(request);
                if (question == null || ended.isDone()) {
                    return;
                }
                if (result instanceof InferenceResult.Completed completed) {
                    run.answer(question, completed);
                } else if (result instanceof InferenceResult.Rejected rejected) {
                    fail(Stage.INFER, "Rejected", rejected.reason());
                } else if (result instanceof InferenceResult.Failed failed) {
                    fail(Stage.INFER, "Failed", failed.reason());
                } else {
                    fail(Stage.INFER, "Failed", "the request was cancelled");
                }
            }
            if (!ended.isDone()) {
                advance();
            }
        }

        private void fail(Stage stage, String errorClass, String message) {
            ended.complete(
                    new Answer(
                            run.answers(),
                            Optional.empty(),
                            Optional.of(new Failure(stage, errorClass, message, 1))));
        }

        private void giveUp() {
            List<InferenceRequest> open;
            synchronized (this) {
                open = List.copyOf(underWay.keySet());
                underWay.clear();
            }
            open.forEach(engine::cancel);
        }
    }
}
