package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
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
     * @param doubted what a first engine had answered, if a second one was asked
     */
    public record Answer(
            List<InferenceResult.Completed> answers,
            Optional<TaskResult> result,
            Optional<Failure> failure,
            Optional<Doubted> doubted) {

        public Answer {
            answers = List.copyOf(answers);
        }
    }

    /**
     * A first answer that was not sure enough.
     *
     * @param confidence NaN where there is none
     * @param usage what it cost
     */
    public record Doubted(TaskResult result, double confidence, Usage usage) {}

    private final TaskEngines engines;

    public TaskAsker(InferenceEngine engine, TaskSet tasks) {
        this(TaskEngines.of(engine, tasks));
    }

    /** With the cascades of these engines, which stay the caller's. */
    public TaskAsker(TaskEngines engines) {
        this.engines = engines;
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

    /** A question under way, with the engine that has it. */
    private record Open(int question, InferenceEngine engine) {}

    /** One task on one text. Answers may come on any thread. */
    private final class Conversation {

        private final TaskRoute route;
        private final String text;
        private final TaskRun run = new TaskRun();
        private final Map<InferenceRequest, Open> underWay = new LinkedHashMap<>();
        private final CompletableFuture<Answer> ended = new CompletableFuture<>();

        @SuppressWarnings("FutureReturnValueIgnored") // nothing follows on the clean-up
        Conversation(Task task, String text) {
            this.route = engines.route(task);
            this.text = text;
            ended.whenComplete((answer, error) -> giveUp());
        }

        private void advance() {
            Map<InferenceRequest, Open> submit = new LinkedHashMap<>();
            synchronized (this) {
                try {
                    for (int question : run.advance(route, text)) {
                        boolean second = run.asksSecond();
                        submit.put(
                                route.request(run.question(question), second),
                                new Open(question, route.responder(second).engine()));
                    }
                } catch (ResultConversionException e) {
                    fail(Stage.CONVERT, "Unconvertible", e.getMessage());
                    return;
                }
                underWay.putAll(submit);
                if (run.done()) {
                    complete(Optional.of(run.outcome().result()), Optional.empty());
                }
            }
            submit.forEach(this::submit);
        }

        private void submit(InferenceRequest request, Open open) {
            open.engine()
                    .submit(request)
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
                Open open = underWay.remove(request);
                if (open == null || ended.isDone()) {
                    return;
                }
                if (result instanceof InferenceResult.Completed completed) {
                    run.answer(open.question(), completed);
                } else if (result instanceof InferenceResult.Rejected rejected) {
                    fail(Stage.INFER, "Rejected", rejected.reason());
                } else if (result instanceof InferenceResult.Failed failed) {
                    fail(Stage.INFER, failed.errorClass(), failed.reason());
                } else if (result instanceof InferenceResult.OverBudget spent) {
                    if (run.asksSecond() && route.keepsFirst()) {
                        run.keepFirst();
                    } else {
                        fail(Stage.INFER, "OverBudget", spent.reason());
                    }
                } else {
                    fail(Stage.INFER, InferenceResult.Failed.OTHER, "the request was cancelled");
                }
            }
            if (!ended.isDone()) {
                advance();
            }
        }

        private void fail(Stage stage, String errorClass, String message) {
            complete(Optional.empty(), Optional.of(new Failure(stage, errorClass, message, 1)));
        }

        private void complete(Optional<TaskResult> result, Optional<Failure> failure) {
            ended.complete(
                    new Answer(
                            run.answers(),
                            result,
                            failure,
                            run.first()
                                    .map(
                                            first ->
                                                    new Doubted(
                                                            first.result(),
                                                            first.confidence(),
                                                            first.usage()))));
        }

        private void giveUp() {
            Map<InferenceRequest, Open> open;
            synchronized (this) {
                open = Map.copyOf(underWay);
                underWay.clear();
            }
            open.forEach((request, asked) -> asked.engine().cancel(request));
        }
    }
}
