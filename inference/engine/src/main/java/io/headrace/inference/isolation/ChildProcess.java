package io.headrace.inference.isolation;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.ModelInfo;
import io.headrace.inference.ModelLoadException;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running {@link EngineProcess} and the pipes to it. Its replies and its end are told to the
 * owner by the reading thread; the end exactly once, and last.
 */
final class ChildProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);
    private static final long CLOSE_SECONDS = 30;

    private final Process process;
    private final Outbox out;
    private final MessageReader in;
    private ModelInfo model;

    private ChildProcess(Process process) {
        this.process = process;
        this.out = new Outbox(process.getOutputStream(), "headrace-requests");
        this.in = new MessageReader(process.getInputStream());
    }

    /**
     * Starts a process and waits until its engine is open.
     *
     * @throws ModelLoadException if the engine cannot be opened
     */
    static ChildProcess start(EngineOptions options) {
        try {
            ChildProcess child =
                    new ChildProcess(
                            new ProcessBuilder(command())
                                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                                    .start());
            child.open(options);
            return child;
        } catch (IOException e) {
            throw new ModelLoadException(
                    "The process of the isolated inference engine cannot be started: " + e, e);
        }
    }

    private static List<String> command() {
        String java =
                ProcessHandle.current()
                        .info()
                        .command()
                        .filter(command -> Path.of(command).getFileName().startsWith("java"))
                        .orElse("java");
        return List.of(
                java,
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-XX:+DisplayVMOutputToStderr",
                "-XX:-CreateCoredumpOnCrash",
                "-cp",
                classPath(),
                EngineProcess.class.getName());
    }

    /** In a Flink job this class comes from the job's jar, which is on no class path. */
    private static String classPath() {
        String inherited = ManagementFactory.getRuntimeMXBean().getClassPath();
        CodeSource source = ChildProcess.class.getProtectionDomain().getCodeSource();
        if (source == null || !source.getLocation().getProtocol().equals("file")) {
            return inherited;
        }
        return Path.of(URI.create(source.getLocation().toString()))
                + File.pathSeparator
                + inherited;
    }

    private void open(EngineOptions options) {
        out.send(new Message.Open(options));
        Message answer;
        try {
            answer = in.read();
        } catch (IOException e) {
            kill();
            throw new ModelLoadException(
                    "The process of the isolated inference engine ended while it loaded "
                            + options.modelPath()
                            + " ("
                            + end()
                            + "); its error output says more.",
                    e);
        }
        if (answer instanceof Message.Opened opened) {
            model = opened.model();
            return;
        }
        kill();
        throw new ModelLoadException(
                answer instanceof Message.Refused refused
                        ? refused.reason()
                        : "The process of the isolated inference engine answers with nonsense.");
    }

    ModelInfo model() {
        return model;
    }

    long pid() {
        return process.pid();
    }

    void send(Message message) {
        out.send(message);
    }

    /** Reads from now on. */
    void listen(Consumer<Message.Reply> replies, Consumer<String> end) {
        Thread reader =
                new Thread(
                        () -> {
                            read(replies);
                            String how = end();
                            kill();
                            end.accept(how);
                        },
                        "headrace-replies");
        reader.setDaemon(true);
        reader.start();
    }

    private void read(Consumer<Message.Reply> replies) {
        try {
            while (in.read() instanceof Message.Reply reply) {
                replies.accept(reply);
            }
        } catch (IOException e) {
            LOG.debug("The inference engine's process {} ended: {}", pid(), e.toString());
        }
    }

    private void kill() {
        process.destroyForcibly();
        out.close();
    }

    private String end() {
        try {
            return process.waitFor(5, TimeUnit.SECONDS)
                    ? "exit value " + process.exitValue()
                    : "it answers with nonsense";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** Lets the engine end its step and go; kills it where that takes too long. */
    @Override
    public void close() {
        out.send(new Message.Close());
        try {
            if (!process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("The inference engine's process {} does not end and is killed", pid());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }
}
