package io.headrace.local;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder with the registry server: one runner jar, its libraries beneath.
 *
 * <p>Maven unpacks it beside this module's classes and jar, where it is found from the place that
 * this class was loaded from; so it works from any checkout and needs no setting.
 */
final class RegistryHome {

    private static final String FOLDER = "schema-registry";

    private final Path runnerJar;

    private RegistryHome(Path runnerJar) {
        this.runnerJar = runnerJar;
    }

    /** Finds the folder that the build unpacked. */
    static RegistryHome beside(Class<?> type) {
        return in(codeOf(type).resolveSibling(FOLDER));
    }

    /** Takes a folder that holds the server. */
    static RegistryHome in(Path folder) {
        return runnerJarIn(folder)
                .map(RegistryHome::new)
                .orElseThrow(
                        () ->
                                new ServerStartException(
                                        ("No schema registry server (*-runner.jar) is in %s; build"
                                                        + " the module named local with Maven, which unpacks"
                                                        + " it, or name another folder.")
                                                .formatted(folder)));
    }

    /** Returns where a class was loaded from: a jar or a folder of classes. */
    static Path codeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("The place of " + type + " is no path", e);
        }
    }

    Path runnerJar() {
        return runnerJar;
    }

    private static Optional<Path> runnerJarIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith("-runner.jar")).findFirst();
        } catch (IOException e) {
            throw new ServerStartException(folder + " could not be listed.", e);
        }
    }
}
