package io.headrace.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.flink.util.FileUtils;

/** The checkpoints that earlier runs left in a folder. */
final class Checkpoints {

    /** What Flink writes last, when a checkpoint is complete. */
    private static final String METADATA = "_metadata";

    /** A job's folder, and the checkpoint's in it. */
    private static final int DEPTH = 3;

    private Checkpoints() {}

    /** Returns the folder of the newest complete checkpoint, if there is one. */
    static Optional<Path> newest(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            return files.filter(path -> path.endsWith(METADATA))
                    .max(Comparator.comparing(Checkpoints::writtenAt))
                    .map(path -> path.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the state folder " + folder, e);
        }
    }

    /** Deletes all of them, since what they were kept for is done. Other files stay. */
    static void delete(Path folder) {
        try (Stream<Path> jobs = Files.list(folder)) {
            for (Path job : jobs.filter(Checkpoints::isOfJob).toList()) {
                FileUtils.deleteDirectory(job.toFile());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot empty the state folder " + folder, e);
        }
    }

    private static boolean isOfJob(Path path) {
        return path.getFileName().toString().matches("[0-9a-f]{32}");
    }

    private static long writtenAt(Path path) {
        return path.toFile().lastModified();
    }
}
