package io.headrace.operators;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.operators.Failure.Stage;
import io.headrace.operators.task.ResultConversionException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
 * timer at the first deadline serves them all. Engines elsewhere bound their answers themselves,
 * since a wait for a budget can take a day.
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

    private final TaskEngines engines;
    private final EngineAccounts accounts;
    private final FailurePolicy policy;
    private final long timeoutMillis;
    private final TaskThread thread;
    private final OperatorMetrics metrics;
    private final Listener<T> listener;

    /** Attempts under way with engines of this process, the one that is due first at first. */
    private final Set<Attempt<T>> timed = new LinkedHashSet<>();

    /** Attempts under way with remote engines, which keep their own time. */
    private final Set<Attempt<T>> untimed = new LinkedHashSet<>();

    private boolean timerSet;

    EngineCalls(
            TaskEngines engines,
            EngineAccounts accounts,
            FailurePolicy policy,
            TaskThread thread,
            OperatorMetrics metrics,
            Listener<T> listener) {
        this.engines = engines;
        this.accounts = accounts;
        this.policy = policy;
        this.timeoutMillis = policy.timeout().toMillis();
        this.thread = thread;
        this.metrics = metrics;
        this.listener = listener;
    }

    /** Asks for every outcome that the record has not. */
    void start(InFlight<T> entry) throws Exception {
        for (int i = 0; i < engines.taskCount() && !entry.settled(); i++) {
            advance(entry, i);
        }
        if (entry.failure().isEmpty() && entry.done()) { // from answers that were restored
            listener.onDone(entry);
        }
    }

    /** Asks what the task wants next; fails the record where its answers have no typed form. */
    private void advance(InFlight<T> entry, int index) throws Exception {
        List<Integer> ask;
        try {
            ask = entry.task(index).advance(engines.route(index), entry.text());
        } catch (ResultConversionException e) {
            fail(entry, index, Stage.CONVERT, "Unconvertible", e.getMessage());
            return;
        }
        for (int question : ask) {
            submit(entry, index, question, 1);
        }
    }

    private void submit(InFlight<T> entry, int task, int question, int number) {
        TaskRun run = entry.task(task);
        TaskRoute route = engines.route(task);
        InferenceEngine engine = route.responder(run.asksSecond()).engine();
        InferenceRequest request = route.request(run.question(question), run.asksSecond());
        Attempt<T> attempt = new Attempt<>(entry, task, question, number, engine, request);
        if (engine.remote()) {
            untimed.add(attempt);
        } else {
            attempt.dueAt(thread.time().getCurrentProcessingTime() + timeoutMillis);
            timed.add(attempt);
            setTimer();
        }
        entry.started(attempt);
        listener.onAsk(entry, request);
        answerOf(engine, request)
                .whenComplete(
                        (result, error) ->
                                post(
                                        attempt,
                                        error == null
                                                ? result
                                                : new InferenceResult.Failed(
                                                        String.valueOf(error))));
    }

    /** Takes an answer to the task's thread; any thread may bring it. */
    private void post(Attempt<T> attempt, InferenceResult result) {
        try {
            thread.mailbox().execute(() -> onResult(attempt, result), "inference result");
        } catch (RejectedExecutionException e) {
            // The task ends; the record is in its checkpoint or read again.
        }
    }

    private CompletionStage<InferenceResult> answerOf(
            InferenceEngine engine, InferenceRequest request) {
        try {
            return engine.submit(request);
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private void onResult(Attempt<T> attempt, InferenceResult result) throws Exception {
        if (!ended(attempt)) {
            return; // An answer to an attempt that was given up.
        }
        InFlight<T> entry = attempt.entry();
        if (result instanceof InferenceResult.Completed completed) {
            metrics.answered(taskName(attempt.task()), completed.usage());
            accounts.answered(attempt.engine(), completed.usage());
            entry.task(attempt.task()).answer(attempt.question(), completed);
            goOn(entry, attempt.task());
        } else if (result instanceof InferenceResult.Rejected rejected) {
            fail(entry, attempt.task(), Stage.INFER, "Rejected", rejected.reason());
        } else if (result instanceof InferenceResult.OverBudget spent) {
            onOverBudget(attempt, spent.reason());
        } else if (result instanceof InferenceResult.Failed failed) {
            onPassingFailure(
                    attempt, failed.errorClass(), failed.reason(), failed.retryAfter().toMillis());
        } else {
            onPassingFailure(attempt, InferenceResult.Failed.OTHER, "the request was cancelled", 0);
        }
    }

    private void goOn(InFlight<T> entry, int task) throws Exception {
        advance(entry, task);
        if (entry.failure().isEmpty() && entry.done()) {
            listener.onDone(entry);
        }
    }

    /** Where the first engine's answer is good enough without the second, it stands. */
    private void onOverBudget(Attempt<T> attempt, String reason) throws Exception {
        InFlight<T> entry = attempt.entry();
        TaskRun run = entry.task(attempt.task());
        if (!run.asksSecond() || !engines.route(attempt.task()).keepsFirst()) {
            fail(entry, attempt.task(), Stage.INFER, "OverBudget", reason);
            return;
        }
        for (Attempt<T> sibling : List.copyOf(entry.underWay())) {
            if (sibling.task() == attempt.task()) {
                giveUp(sibling);
            }
        }
        run.keepFirst();
        goOn(entry, attempt.task());
    }

    /** Tries again after the back-off, or gives the record up after the last attempt. */
    private void onPassingFailure(
            Attempt<T> attempt, String errorClass, String reason, long waitMillis)
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
                taskName(attempt.task()),
                reason);
        metrics.retry();
        at(
                thread.time().getCurrentProcessingTime()
                        + Math.max(waitMillis, policy.backoffMillis(attempt.number())),
                now -> {
                    if (!entry.settled() && !entry.task(attempt.task()).done()) {
                        submit(entry, attempt.task(), attempt.question(), attempt.number() + 1);
                    }
                });
    }

    private void fail(InFlight<T> entry, int task, Stage stage, String errorClass, String reason)
            throws Exception {
        giveUp(entry);
        String message = taskName(task) + ": " + reason;
        listener.onFailed(entry, new Failure(stage, errorClass, message, entry.mostAttempts()));
    }

    private String taskName(int task) {
        return engines.route(task).task().name();
    }

    private void giveUp(InFlight<T> entry) {
        List.copyOf(entry.underWay()).forEach(this::giveUp);
    }

    private void giveUp(Attempt<T> attempt) {
        if (ended(attempt)) {
            attempt.cancel();
        }
    }

    /** Notes that nothing more is awaited of an attempt; false if that was so before. */
    private boolean ended(Attempt<T> attempt) {
        attempt.entry().ended(attempt);
        return attempt.engine().remote() ? untimed.remove(attempt) : timed.remove(attempt);
    }

    private void setTimer() {
        if (!timerSet && !timed.isEmpty()) {
            timerSet = true;
            at(timed.iterator().next().dueMillis(), this::onTimer);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the task ends its timers when it closes
    private void at(long timeMillis, ProcessingTimeCallback action) {
        thread.time().registerTimer(timeMillis, action);
    }

    private void onTimer(long now) throws Exception {
        timerSet = false;
        while (!timed.isEmpty()) {
            Attempt<T> oldest = timed.iterator().next();
            if (oldest.dueMillis() > now) {
                break;
            }
            timeOut(oldest);
        }
        setTimer();
    }

    private void timeOut(Attempt<T> attempt) throws Exception {
        giveUp(attempt);
        onPassingFailure(attempt, "Timeout", "no result within " + timeoutMillis + " ms", 0);
    }

    /** Gives up what is under way; the records are in the checkpoint or read again. */
    @Override
    public void close() {
        timed.forEach(Attempt::cancel);
        untimed.forEach(Attempt::cancel);
        timed.clear();
        untimed.clear();
        engines.close();
    }
}
