package io.headrace.sql;

import io.headrace.inference.InferenceEngine;
import io.headrace.inference.Spending;
import io.headrace.operators.EngineProvider;
import io.headrace.operators.Failure;
import io.headrace.operators.SlotGpus;
import io.headrace.operators.TaskAsker;
import io.headrace.operators.task.ResultConversionException;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskResult;
import io.headrace.operators.task.TaskSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.table.functions.FunctionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A function's share of the engine. All functions of a TaskManager that ask for the same model with
 * the same options share one engine, so that rows of several subtasks and statements stand in its
 * batches together.
 *
 * <p>Thread-safe. Every future ends with an {@link Outcome}, never exceptionally; it ends on the
 * engine's thread or a timer's, so dependants must not block. After {@link #close()} none ends any
 * more: the rows are in the savepoint, and a row that fails would fail the job while it stops.
 */
final class EngineSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EngineSession.class);
    private static final long FIRST_BACKOFF_MILLIS = 1_000;

    /** Another attempt would end in the same way. */
    private static final Set<String> FINAL = Set.of("Rejected", "Unconvertible");

    private final InferenceEngine engine;
    private final CallLimits limits;
    private volatile boolean closed;

    private EngineSession(InferenceEngine engine, CallLimits limits) {
        this.engine = engine;
        this.limits = limits;
    }

    /**
     * Opens the engine or joins the one that is open, in the slot that Flink runs the function in.
     *
     * @throws io.headrace.inference.ModelLoadException if the model is missing or unfit
     */
    static EngineSession open(EngineProvider engines, CallLimits limits, FunctionContext context) {
        return open(
                engines,
                limits,
                SlotGpus.of(context.getTaskInfo(), context::getExternalResourceInfos));
    }

    static EngineSession open(EngineProvider engines, CallLimits limits, SlotGpus gpus) {
        EngineProvider.Opening opening = new EngineProvider.Opening(1, 1, Spending.NONE, gpus);
        return new EngineSession(engines.open(opening), limits);
    }

    /** Makes a task ready to be asked. */
    TaskPrompt prepare(Task task) {
        // Makes Avro look up its services here: the thread of a timer, where an answer may be
        // converted first, can have the class loader of a job that has ended.
        task.field();
        return new TaskPrompt(task, new TaskAsker(engine, TaskSet.of(task)));
    }

    /** Asks for the task on a text; a blank or missing text is not asked about. */
    CompletableFuture<Outcome> ask(TaskPrompt prompt, String text) {
        if (text == null || text.isBlank()) {
            return CompletableFuture.completedFuture(new Outcome.NoText());
        }
        long deadline = System.nanoTime() + limits.timeout().toNanos();
        return attempt(prompt, text, 1, deadline).thenApply(EngineSession::logged);
    }

    private CompletableFuture<Outcome> attempt(
            TaskPrompt prompt, String text, int number, long deadline) {
        return prompt.asker()
                .ask(prompt.task(), text)
                .orTimeout(left(deadline), TimeUnit.NANOSECONDS)
                .handle(
                        (answer, error) ->
                                error == null ? outcome(prompt.task(), answer) : unanswered(error))
                .thenCompose(outcome -> next(prompt, text, number, deadline, outcome));
    }

    private CompletableFuture<Outcome> next(
            TaskPrompt prompt, String text, int number, long deadline, Outcome outcome) {
        if (closed) {
            return new CompletableFuture<>();
        }
        return again(outcome, number)
                ? delayed(prompt, text, number, deadline, outcome)
                : CompletableFuture.completedFuture(outcome);
    }

    private boolean again(Outcome outcome, int number) {
        return outcome instanceof Outcome.Failed failed
                && !FINAL.contains(failed.errorClass())
                && number < limits.maxAttempts();
    }

    private CompletableFuture<Outcome> delayed(
            TaskPrompt prompt, String text, int number, long deadline, Outcome last) {
        long backoff =
                TimeUnit.MILLISECONDS.toNanos(FIRST_BACKOFF_MILLIS << Math.min(number - 1, 16));
        if (backoff >= left(deadline)) {
            return CompletableFuture.completedFuture(last);
        }
        Executor later = CompletableFuture.delayedExecutor(backoff, TimeUnit.NANOSECONDS);
        return CompletableFuture.supplyAsync(() -> number + 1, later)
                .thenCompose(next -> attempt(prompt, text, next, deadline));
    }

    private static long left(long deadline) {
        return Math.max(0, deadline - System.nanoTime());
    }

    private Outcome unanswered(Throwable error) {
        if (!(error instanceof TimeoutException)) {
            return new Outcome.Failed("Failed", error.toString());
        }
        return new Outcome.Failed(
                "Timeout",
                "no answer within "
                        + limits.timeout().toMillis()
                        + " ms; raise 'timeout', or lower the number of concurrent rows");
    }

    private static Outcome outcome(Task task, TaskAsker.Answer answer) {
        if (answer.result().isEmpty()) {
            Failure failure = answer.failure().orElseThrow();
            return new Outcome.Failed(failure.errorClass(), failure.message());
        }
        TaskResult result = answer.result().get();
        try {
            return new Outcome.Answered(result, task.toAvro(result));
        } catch (ResultConversionException e) {
            return new Outcome.Failed("Unconvertible", e.getMessage());
        }
    }

    private static Outcome logged(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            LOG.warn("A row failed: {}: {}", failed.errorClass(), failed.message());
        }
        return outcome;
    }

    @Override
    public void close() {
        closed = true;
        engine.close();
    }
}
