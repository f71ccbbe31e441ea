package io.headrace.local;

import java.io.File;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A schema registry on 127.0.0.1 that speaks Confluent's HTTP API: Apicurio Registry in a process
 * of its own. Its schemas lie in a temporary directory that is deleted at close; new versions must
 * be backward compatible, as by default in Confluent's. Not thread-safe, except for the getters.
 */
public final class LocalSchemaRegistry implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(4);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    private final RegistryHome home;
    private final TemporaryDirectory directory;
    private final int port;
    private final int managementPort;
    private final ExitHook exitHook;
    private ChildProcess process;

    private LocalSchemaRegistry(RegistryHome home) {
        this.home = home;
        port = FreePorts.next();
        managementPort = FreePorts.next();
        directory = TemporaryDirectory.create("headrace-registry-");
        process = launch();
        exitHook = ExitHook.running(this::end);
    }

    /** Starts the server that the build unpacked; returns when it answers. */
    public static LocalSchemaRegistry start() {
        return start(RegistryHome.beside(LocalSchemaRegistry.class));
    }

    /** Starts the server that lies in a folder; returns when it answers. */
    public static LocalSchemaRegistry start(Path folder) {
        return start(RegistryHome.in(folder));
    }

    private static LocalSchemaRegistry start(RegistryHome home) {
        LocalSchemaRegistry registry = new LocalSchemaRegistry(home);
        try {
            registry.awaitReady();
            return registry;
        } catch (RuntimeException e) {
            registry.close();
            throw e;
        }
    }

    /** Returns the base address of Confluent's API; the same after a restart. */
    public String url() {
        return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    }

    /** Returns the number of the server's process. */
    public long pid() {
        return process.pid();
    }

    /** Returns the file with the server's output, which goes away at close. */
    public Path logFile() {
        return directory.resolve("registry.log");
    }

    /** Shuts the server down in order; its schemas stay for {@link #restart()}. */
    public void stop() {
        process.stop(STOP_LIMIT);
    }

    /** Starts the server again on the same port and schemas; returns when it answers. */
    public void restart() {
        if (process.isAlive()) {
            stop();
        }
        process = launch();
        awaitReady();
    }

    @Override
    public void close() {
        exitHook.close();
        end();
    }

    private void end() {
        process.kill();
        directory.close();
    }

    private ChildProcess launch() {
        // Only our own code of this class path: the server must see no library but its own.
        String classPath =
                home.runnerJar() + File.pathSeparator + RegistryHome.codeOf(ParentWatch.class);
        JavaCommand java =
                JavaCommand.onClassPath(classPath, "320m").withArguments(serverArguments());
        return ChildProcess.start(
                "schema registry",
                java.of(directory.path(), "io.quarkus.runner.GeneratedMain"),
                logFile());
    }

    private List<String> serverArguments() {
        return List.of(
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.management.host=127.0.0.1",
                "-Dquarkus.management.port=" + managementPort,
                "-Dquarkus.otel.sdk.disabled=true",
                "-Dquarkus.log.level=WARN",
                "-Dquarkus.log.console.json=false",
                // Written through, so that a kill loses nothing that was acknowledged.
                "-Dapicurio.datasource.url=jdbc:h2:file:%s;WRITE_DELAY=0"
                        .formatted(directory.resolve("schemas")),
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
    }

    private void awaitReady() {
        process.awaitReady(() -> OpenPort.accepts(port), START_LIMIT);
        RegistryProbe probe = new RegistryProbe(HttpClient.newHttpClient(), url());
        process.awaitReady(probe::setsBackwardCompatibility, START_LIMIT);
    }
}
