package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.operators.task.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls to the engine for records in flight: attempts with their deadlines, retries with their
 * back-off. Owned by the task's thread; the engine's callbacks only post a mail.
 *
 * <p>All attempts have the same timeout, so the one that was started first is due first: a single
 * timer at the first deadline serves them all.
 */
final class EngineCalls<T> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EngineCalls.class);

    /** Told, on the task's thread, how records fare. */
    interface Listener<T> {

        /** A request of the record goes to the engine. */
        default void onAsk(InFlight<T> entry, InferenceRequest request) {}

        /** The record has the outcomes of all tasks. */
        void onDone(InFlight<T> entry) throws Exception;

        /** The record has a failure; nothing more is asked for it. */
        void onFailed(InFlight<T> entry, Failure failure) throws Exception;
    }

    /** What Flink gives an operator to act on the task's thread. */
    record TaskThread(MailboxExecutor mailbox, ProcessingTimeService time) {}

    /** The attempt with this number to have a question of a task answered. */
    private record Attempt<T>(
            InFlight<T> entry, int task, int question, int number, long deadlineMillis) {}

    private final InferenceEngine engine;
    private final Questions questions;
    private final FailurePolicy policy;
    private final TaskThread thread;
    private final OperatorMetrics metrics;
    private final Listener<T> listener;

    /** Attempts under way, the oldest first. Requests are compared by identity. */
    private final Map<InferenceRequest, Attempt<T>> attempts = new LinkedHashMap<>();

    private boolean timerSet;

    EngineCalls(
            InferenceEngine engine,
            Questions questions,
            FailurePolicy policy,
            TaskThread thread,
            OperatorMetrics metrics,
            Listener<T> listener) {
        this.engine = engine;
        this.questions = questions;
        this.policy = policy;
        this.thread = thread;
        this.metrics = metrics;
        this.listener = listener;
    }

    /** Asks for every outcome that the record has not. */
    void start(InFlight<T> entry) throws Exception {
        for (int i = 0; i < questions.taskCount() && !entry.settled(); i++) {
            advance(entry, i);
        }
        if (entry.failure().isEmpty() && entry.done()) { // from answers that were restored
            listener.onDone(entry);
        }
    }

    /** Asks what the task wants next; fails the record where its answers have no typed form. */
    private void advance(InFlight<T> entry, int index) throws Exception {
        Task task = questions.task(index);
        List<Integer> ask;
        try {
            ask = entry.task(index).advance(task, entry.text(), questions.budget(task, engine));
        } catch (ResultConversionException e) {
            fail(entry, index, Stage.CONVERT, "Unconvertible", e.getMessage());
            return;
        }
        for (int question : ask) {
            submit(entry, index, question, 1);
        }
    }

    private void submit(InFlight<T> entry, int task, int question, int number) {
        InferenceRequest request =
                questions.request(questions.task(task), entry.task(task).question(question));
        long deadline = thread.time().getCurrentProcessingTime() + policy.timeout().toMillis();
        attempts.put(request, new Attempt<>(entry, task, question, number, deadline));
        entry.started(request, number);
        listener.onAsk(entry, request);
        setTimer();
        answerOf(request)
                .whenComplete(
                        (result, error) -> {
                            InferenceResult ended =
                                    error == null
                                            ? result
                                            : new InferenceResult.Failed(String.valueOf(error));
                            try {
                                thread.mailbox()
                                        .execute(
                                                () -> onResult(request, ended), "inference result");
                            } catch (RejectedExecutionException e) {
                                // The task ends; the record is in its checkpoint or read again.
                            }
                        });
    }

    private CompletionStage<InferenceResult> answerOf(InferenceRequest request) {
        try {
            return engine.submit(request);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private void onResult(InferenceRequest request, InferenceResult result) throws Exception {
        Attempt<T> attempt = attempts.remove(request);
        if (attempt == null) {
            return; // An answer to an attempt that was given up.
        }
        attempt.entry().ended(request);
        if (result instanceof InferenceResult.Completed completed) {
            metrics.answered(questions.task(attempt.task()).name(), completed.usage());
            InFlight<T> entry = attempt.entry();
            entry.task(attempt.task()).answer(attempt.question(), completed);
            advance(entry, attempt.task());
            if (entry.failure().isEmpty() && entry.done()) {
                listener.onDone(entry);
            }
        } else if (result instanceof InferenceResult.Rejected rejected) {
            fail(attempt.entry(), attempt.task(), Stage.INFER, "Rejected", rejected.reason());
        } else {
            String reason =
                    result instanceof InferenceResult.Failed failed
                            ? failed.reason()
                            : "the request was cancelled";
            onPassingFailure(attempt, "Failed", reason);
        }
    }

    /** Tries again after the back-off, or gives the record up after the last attempt. */
    private void onPassingFailure(Attempt<T> attempt, String errorClass, String reason)
            throws Exception {
        InFlight<T> entry = attempt.entry();
        if (attempt.number() >= policy.maxAttempts()) {
            fail(entry, attempt.task(), Stage.INFER, errorClass, reason);
            return;
        }
        LOG.warn(
                "Attempt {} of {} failed for task {}: {}; trying again",
                attempt.number(),
                policy.maxAttempts(),
                questions.task(attempt.task()).name(),
                reason);
        metrics.retry();
        at(
                thread.time().getCurrentProcessingTime() + policy.backoffMillis(attempt.number()),
                now -> {
                    if (!entry.settled()) {
                        submit(entry, attempt.task(), attempt.question(), attempt.number() + 1);
                    }
                });
    }

    private void fail(InFlight<T> entry, int task, Stage stage, String errorClass, String reason)
            throws Exception {
        giveUp(entry);
        String message = questions.task(task).name() + ": " + reason;
        listener.onFailed(entry, new Failure(stage, errorClass, message, entry.mostAttempts()));
    }

    private void giveUp(InFlight<T> entry) {
        for (InferenceRequest request : entry.requestsUnderWay()) {
            attempts.remove(request);
            engine.cancel(request);
        }
        entry.requestsUnderWay().clear();
    }

    private void setTimer() {
        if (!timerSet && !attempts.isEmpty()) {
            timerSet = true;
            long first = attempts.values().iterator().next().deadlineMillis();
            at(first, this::onTimer);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the task ends its timers when it closes
    private void at(long timeMillis, ProcessingTimeCallback action) {
        thread.time().registerTimer(timeMillis, action);
    }

    private void onTimer(long now) throws Exception {
        timerSet = false;
        while (!attempts.isEmpty()) {
            Map.Entry<InferenceRequest, Attempt<T>> oldest = attempts.entrySet().iterator().next();
            if (oldest.getValue().deadlineMillis() > now) {
                break;
            }
            attempts.remove(oldest.getKey());
            timeOut(oldest.getKey(), oldest.getValue());
        }
        setTimer();
    }

    private void timeOut(InferenceRequest request, Attempt<T> attempt) throws Exception {
        engine.cancel(request);
        attempt.entry().ended(request);
        onPassingFailure(
                attempt, "Timeout", "no result within " + policy.timeout().toMillis() + " ms");
    }

    /** Gives up what is under way; the records are in the checkpoint or read again. */
    @Override
    public void close() {
        attempts.keySet().forEach(engine::cancel);
        attempts.clear();
        engine.close();
    }
}
