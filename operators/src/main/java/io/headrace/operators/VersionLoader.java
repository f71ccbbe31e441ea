package io.headrace.operators;

import io.headrace.operators.Failure.Stage;
import io.headrace.operators.task.Task;
import io.headrace.operators.task.TaskSet;
import java.time.Duration;
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
    private final Duration patience;
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
     * @param patience how long an answer to a trial may take
     */
    VersionLoader(VersionReader reader, TaskSet own, Duration patience, Opener opener) {
        this.reader = reader;
        this.own = own;
        this.patience = patience;
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
            CompletableFuture<TaskAsker.Answer> answer = asker.ask(task, PROBE);
            try {
                Optional<Failure> failure =
                        answer.get(patience.toMillis(), TimeUnit.MILLISECONDS).failure();
                if (failure.isPresent() && failure.get().stage() == Stage.INFER) {
                    throw refusal(task, failure.get().message());
                }
            } catch (TimeoutException e) {
                throw refusal(task, "no answer within " + patience.toMillis() + " ms");
            } catch (ExecutionException e) {
                throw refusal(task, String.valueOf(e.getCause()));
            } catch (InterruptedException e) {
                throw refusal(task, "the job ended");
            } finally {
                answer.cancel(false);
            }
        }
    }

    private static IllegalStateException refusal(Task task, String reason) {
        return new IllegalStateException("trying task '" + task.name() + "': " + reason);
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
