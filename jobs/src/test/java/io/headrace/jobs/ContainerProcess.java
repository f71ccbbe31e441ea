package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.local.ParentWatch;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A process that does what a container would; a Java process ends with this one at the latest. */
final class ContainerProcess implements AutoCloseable {

    private static final Set<String> INHERITED =
            Set.of("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH");

    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private final Process process;
    private final Path log;

    private ContainerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts a command whose output goes to a new file of the folder. */
    static ContainerProcess start(Path folder, List<String> command, Map<String, String> variables)
            throws IOException {
        Path log = Files.createTempFile(folder, "container-", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // As in a container: nothing of the user's, no proxy and no setting of Kafka.
        builder.environment().keySet().retainAll(INHERITED);
        builder.environment().putAll(variables);
        return new ContainerProcess(builder.start(), log);
    }

    /** Returns the command that runs a main class on this Java. */
    static List<String> java(
            List<Path> classPath, List<String> options, String mainClass, List<String> arguments)
            throws URISyntaxException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        words.add("-Dorg.apache.logging.log4j.level=WARN");
        words.addAll(options);
        List<String> places = new ArrayList<>(classPath.stream().map(Path::toString).toList());
        places.add(
                Path.of(
                                ParentWatch.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .toURI())
                        .toString());
        words.addAll(List.of("-cp", String.join(File.pathSeparator, places)));
        words.addAll(List.of(ParentWatch.class.getName(), mainClass));
        words.addAll(arguments);
        return words;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end of a command that is to end, and returns its exit code. */
    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("%s", this).isTrue();
        return process.exitValue();
    }

    /** Asks it to end, as Docker does, and insists when it does not. */
    @Override
    public void close() {
        // Through the handle: the process's own method closes the pipe that ParentWatch listens to.
        process.toHandle().destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.toHandle().destroyForcibly();
                process.waitFor();
            }
        } catch (InterruptedException e) {
            process.toHandle().destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The output so far. */
    @Override
    public String toString() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return log + " could not be read: " + e;
        }
    }
}
