package io.headrace.operators;

import io.headrace.operators.Failure.Stage;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Opens versions beside the one in force and tries each of their tasks, one version after the
 * other, on a thread of its own: a model takes seconds to minutes to load, and records go on
 * meanwhile.
 */
final class VersionLoader implements AutoCloseable {

    /** What a version is tried with. */
    private static final String PROBE = "Hello, I have a question about my order. Thank you!";

    private static final long CLOSE_SECONDS = 120;

    /** A version that answers. */
    record Loaded(TaskSet tasks, TaskEngines engines, long openNanos) {}

    /** Opens the engines of versions, beside those in force. Called on the loader's thread. */
    interface Opener {
        TaskEngines open(ModelVersion version);

        /** Closes the engines of a version that does not come into force. */
        void discard(TaskEngines engines);
    }

    private final VersionReader reader;
    private final TaskSet own;
    private final FailurePolicy policy;
    private final Opener opener;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    work -> {
                        Thread worker = new Thread(work, "headrace-version-loader");
                        worker.setDaemon(true);
                        return worker;
                    });

    /**
     * Creates a loader; its thread starts with the first version.
     *
     * @param own the tasks of the job's own version
     * @param policy how long and how often a task is tried
     */
    VersionLoader(VersionReader reader, TaskSet own, FailurePolicy policy, Opener opener) {
        this.reader = reader;
        this.own = own;
        this.policy = policy;
        this.opener = opener;
    }

    /** The version of a message, without engines. */
    ModelVersion read(String message) {
        ModelVersion version = reader.read(message);
        List<String> names = names(version.tasks());
        if (!names.equals(names(own))) {
            throw new IllegalArgumentException(
                    "it has the tasks " + names + " and the job has " + names(own));
        }
        return version;
    }

    private static List<String> names(TaskSet tasks) {
        return tasks.tasks().stream().map(Task::name).toList();
    }

    /** Loads and tries a version. Fails with the reason where it cannot be run. */
    CompletableFuture<Loaded> load(String message) {
        return CompletableFuture.supplyAsync(
                () -> {
                    ModelVersion version = read(message);
                    long begunNanos = System.nanoTime();
                    TaskEngines engines = opener.open(version);
                    try {
                        tryTasks(version.tasks(), engines);
                    } catch (RuntimeException | Error e) {
                        opener.discard(engines);
                        throw e;
                    }
                    return new Loaded(version.tasks(), engines, System.nanoTime() - begunNanos);
                },
                thread);
    }

    /** What the engine refuses or fails at is a reason; what the model says to the probe is not. */
    private void tryTasks(TaskSet tasks, TaskEngines engines) {
        TaskAsker asker = new TaskAsker(engines);
        for (Task task : tasks.tasks()) {
            Optional<String> reason = Optional.empty();
            for (int attempt = 1; attempt <= policy.maxAttempts(); attempt++) {
                reason = failureOf(asker, task);
                if (reason.isEmpty()) {
                    break;
                }
                pause(policy.backoffMillis(attempt));
            }
            if (reason.isPresent()) {
                throw new IllegalStateException(
                        "trying task '" + task.name() + "': " + reason.get());
            }
        }
    }

    private Optional<String> failureOf(TaskAsker asker, Task task) {
        CompletableFuture<TaskAsker.Answer> answer = asker.ask(task, PROBE);
        try {
            return answer.get(policy.timeout().toMillis(), TimeUnit.MILLISECONDS)
                    .failure()
                    .filter(failure -> failure.stage() == Stage.INFER)
                    // A budget that is used up says nothing of the version.
                    .filter(failure -> !failure.errorClass().equals("OverBudget"))
                    .map(Failure::message);
        } catch (TimeoutException e) {
            return Optional.of("no answer within " + policy.timeout().toMillis() + " ms");
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            throw ended();
        } finally {
            answer.cancel(false);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw ended();
        }
    }

    private static IllegalStateException ended() {
        return new IllegalStateException("the job ended");
    }

    /** Gives up what is being tried and waits for what is being opened. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
