package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.state.TaskOutcome;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.operators.task.Task;
import java.util.LinkedHashMap;
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

    /** Told, on the task's thread, how a record ended. */
    interface Listener<T> {

        /** The record has the outcomes of all tasks. */
        void onDone(InFlight<T> entry) throws Exception;

        /** The record has a failure; nothing more is asked for it. */
        void onFailed(InFlight<T> entry, Failure failure) throws Exception;
    }

    /** What Flink gives an operator to act on the task's thread. */
    record TaskThread(MailboxExecutor mailbox, ProcessingTimeService time) {}

    private record Attempt<T>(InFlight<T> entry, int index, String text, long deadlineMillis) {}

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
    void start(InFlight<T> entry, String text) {
        for (int i = 0; i < questions.count(); i++) {
            if (!entry.hasOutcome(i)) {
                submit(entry, i, text);
            }
        }
    }

    private void submit(InFlight<T> entry, int index, String text) {
        InferenceRequest request = questions.request(index, text);
        long now = thread.time().getCurrentProcessingTime();
        attempts.put(request, new Attempt<>(entry, index, text, now + policy.timeout().toMillis()));
        entry.started(index, request);
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
        attempt.entry().ended(attempt.index());
        if (result instanceof InferenceResult.Completed completed) {
            complete(attempt, completed);
        } else if (result instanceof InferenceResult.Rejected rejected) {
            fail(attempt, Stage.INFER, "Rejected", rejected.reason());
        } else {
            String reason =
                    result instanceof InferenceResult.Failed failed
                            ? failed.reason()
                            : "the request was cancelled";
            onPassingFailure(attempt, "Failed", reason);
        }
    }

    private void complete(Attempt<T> attempt, InferenceResult.Completed answer) throws Exception {
        Task task = questions.task(attempt.index());
        TaskOutcome outcome;
        try {
            outcome = new TaskOutcome(task.result(answer), answer.usage());
        } catch (ResultConversionException e) {
            fail(attempt, Stage.CONVERT, "Unconvertible", e.getMessage());
            return;
        }
        InFlight<T> entry = attempt.entry();
        entry.complete(attempt.index(), outcome);
        metrics.tokens(answer.usage());
        if (entry.done()) {
            listener.onDone(entry);
        }
    }

    /** Tries again after the back-off, or gives the record up after the last attempt. */
    private void onPassingFailure(Attempt<T> attempt, String errorClass, String reason)
            throws Exception {
        int made = attempt.entry().attempts(attempt.index());
        if (made >= policy.maxAttempts()) {
            fail(attempt, Stage.INFER, errorClass, reason);
            return;
        }
        LOG.warn(
                "Attempt {} of {} failed for task {}: {}; trying again",
                made,
                policy.maxAttempts(),
                questions.task(attempt.index()).name(),
                reason);
        metrics.retry();
        at(
                thread.time().getCurrentProcessingTime() + policy.backoffMillis(made),
                now -> {
                    if (!attempt.entry().settled()) {
                        submit(attempt.entry(), attempt.index(), attempt.text());
                    }
                });
    }

    private void fail(Attempt<T> attempt, Stage stage, String errorClass, String reason)
            throws Exception {
        InFlight<T> entry = attempt.entry();
        giveUp(entry);
        String message = questions.task(attempt.index()).name() + ": " + reason;
        listener.onFailed(entry, new Failure(stage, errorClass, message, entry.mostAttempts()));
    }

    private void giveUp(InFlight<T> entry) {
        for (InferenceRequest request : entry.requestsUnderWay()) {
            attempts.remove(request);
            engine.cancel(request);
        }
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
        attempt.entry().ended(attempt.index());
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
