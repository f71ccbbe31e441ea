package io.headrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A server's process: its output goes to a log file, its standard input is a pipe from this process
 * that {@link ParentWatch} listens to.
 */
final class ChildProcess {

    private static final int TAIL_LINES = 30;
    private static final long POLL_MILLIS = 50;

    private final String name;
    private final Process process;
    private final Path log;

    private ChildProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** Starts the command; its output is appended to the log. */
    static ChildProcess start(String name, List<String> command, Path log) {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            return new ChildProcess(name, builder.start(), log);
        } catch (IOException e) {
            throw new ServerStartException("The " + name + " could not be run.", e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Polls until the server answers; throws with the log's tail when it ends or time is up. */
    void awaitReady(BooleanSupplier answers, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!answers.getAsBoolean()) {
            if (!process.isAlive()) {
                throw new ServerStartException(
                        "The %s ended with exit code %d before it was ready. Its last output:%n%s"
                                .formatted(name, process.exitValue(), tail()));
            }
            if (System.nanoTime() > deadline) {
                throw new ServerStartException(
                        ("The %s did not answer within %d seconds; if this machine is busy, try"
                                        + " again. Its last output:%n%s")
                                .formatted(name, limit.toSeconds(), tail()));
            }
            pause();
        }
    }

    /** Asks the process to end in order, and kills it when it has not within the limit. */
    void stop(Duration limit) {
        // Through the handle: the process's own method closes the pipe that ParentWatch listens to.
        process.toHandle().destroy();
        if (!awaitEnd(limit)) {
            kill();
        }
    }

    /** Ends the process at once, as kill -9 does, and waits until it is gone. */
    void kill() {
        process.toHandle().destroyForcibly();
        awaitEnd(Duration.ofSeconds(10));
    }

    private boolean awaitEnd(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            process.toHandle().destroyForcibly();
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerStartException("The wait for the " + name + " was interrupted.", e);
        }
    }

    private String tail() {
        try {
            String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
            List<String> lines = text.lines().toList();
            int first = Math.max(0, lines.size() - TAIL_LINES);
            return String.join(System.lineSeparator(), lines.subList(first, lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(log + " could not be read", e);
        }
    }
}
