package io.headrace.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/**
 * A Kafka broker on 127.0.0.1: one process that is broker and controller, with a data directory of
 * its own that is deleted at close.
 *
 * <p>Clients use the listener named CLIENT; its security can be set through the extra properties.
 * The broker's own traffic has a listener apart, so that it works whatever CLIENT asks for. Not
 * thread-safe, except for the getters.
 */
public final class LocalKafka implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    private final TemporaryDirectory directory;
    private final BrokerPorts ports;
    private final ExitHook exitHook;
    private ChildProcess process;

    private LocalKafka(Map<String, String> properties) {
        ports = BrokerPorts.free();
        directory = TemporaryDirectory.create("headrace-kafka-");
        BrokerProperties.write(propertiesFile(), ports, directory.resolve("data"), properties);
        process = launch();
        exitHook = ExitHook.running(this::end);
    }

    /** Starts a broker without security; returns when it answers. */
    public static LocalKafka start() {
        return start(Map.of());
    }

    /** Starts a broker with extra properties, which win over the defaults. */
    public static LocalKafka start(Map<String, String> properties) {
        LocalKafka kafka = new LocalKafka(properties);
        try {
            kafka.awaitReady();
            return kafka;
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    /** Returns the address for clients; the same after a restart. */
    public String bootstrapServers() {
        return "127.0.0.1:" + ports.client();
    }

    /** Returns the address without security, for administration by tests. */
    public String internalBootstrapServers() {
        return "127.0.0.1:" + ports.internal();
    }

    /** Returns the number of the broker's process. */
    public long pid() {
        return process.pid();
    }

    /** Returns the file with the broker's output, which goes away at close. */
    public Path logFile() {
        return directory.resolve("kafka.log");
    }

    /** Returns the broker's topics, to create and list; the caller closes it. */
    public LocalTopics topics() {
        return LocalTopics.of(internalBootstrapServers());
    }

    /** Shuts the broker down in order; its data stays for {@link #restart()}. */
    public void stop() {
        process.stop(STOP_LIMIT);
    }

    /** Ends the broker as kill -9 does; its data stays for {@link #restart()}. */
    public void kill() {
        process.kill();
    }

    /** Starts the broker again on the same ports and data; returns when it answers. */
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
        JavaCommand java =
                JavaCommand.ofThisProcess("384m").withArguments(ChildLogging.jvmArguments());
        return ChildProcess.start(
                "Kafka broker",
                java.of(directory.path(), BrokerMain.class.getName(), propertiesFile().toString()),
                logFile());
    }

    private Path propertiesFile() {
        return directory.resolve("server.properties");
    }

    private void awaitReady() {
        process.awaitReady(() -> OpenPort.accepts(ports.client()), START_LIMIT);
        try (Admin admin = LocalTopics.admin(internalBootstrapServers())) {
            process.awaitReady(() -> BrokerAnswer.of(admin), START_LIMIT);
        }
    }
}
