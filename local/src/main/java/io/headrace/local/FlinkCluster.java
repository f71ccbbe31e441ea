package io.headrace.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A standalone Flink session cluster on 127.0.0.1: a JobManager and TaskManagers, each a process of
 * its own, with their folder in common and deleted at close.
 *
 * <p>What the caller gives as class path is what a distribution has in {@code lib/}. Not
 * thread-safe.
 */
public final class FlinkCluster implements AutoCloseable {

    /** Flink's own option, which its scripts read. */
    private static final String TASK_MANAGER_OPTIONS = "env.java.opts.taskmanager";

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private final TemporaryDirectory directory;
    private final String classPath;
    private final int restPort = FreePorts.next();
    private final FlinkRest rest = new FlinkRest(webUrl());
    private final List<String> taskManagerOptions;
    private final ExitHook exitHook;
    private final ChildProcess jobManager;
    private final List<TaskManager> taskManagers = new ArrayList<>();
    private int started;

    /** A TaskManager's process. */
    public final class TaskManager {

        private final ChildProcess process;

        private TaskManager(ChildProcess process) {
            this.process = process;
        }

        /** Returns the number of the process. */
        public long pid() {
            return process.pid();
        }

        /** Ends it as kill -9 does. */
        public void kill() {
            taskManagers.remove(this);
            process.kill();
        }
    }

    private FlinkCluster(List<Path> lib, int slots, Map<String, String> configuration) {
        directory = TemporaryDirectory.create("headrace-flink-cluster-");
        classPath =
                lib.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator))
                        + File.pathSeparator
                        + RegistryHome.codeOf(ParentWatch.class);
        write(slots, configuration);
        taskManagerOptions = words(configuration.getOrDefault(TASK_MANAGER_OPTIONS, ""));
        jobManager =
                launch(
                        "Flink JobManager",
                        "jobmanager.log",
                        "512m",
                        List.of(),
                        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                        "--executionMode",
                        "cluster");
        exitHook = ExitHook.running(this::end);
    }

    /**
     * Starts a cluster; returns when all TaskManagers have registered.
     *
     * @param lib jars and class folders of every process
     * @param taskManagers how many
     * @param slots of each TaskManager
     * @param configuration Flink options, which win over the defaults
     */
    public static FlinkCluster start(
            List<Path> lib, int taskManagers, int slots, Map<String, String> configuration) {
        FlinkCluster cluster = new FlinkCluster(lib, slots, configuration);
        try {
            for (int i = 0; i < taskManagers; i++) {
                cluster.startTaskManager();
            }
            cluster.jobManager.awaitReady(
                    () -> cluster.rest.taskManagers() == taskManagers, START_LIMIT);
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Returns the address of the web page and REST interface. */
    public String webUrl() {
        return "http://127.0.0.1:" + restPort;
    }

    /** Returns the port of the REST interface on 127.0.0.1. */
    public int restPort() {
        return restPort;
    }

    /** Returns the folder with {@code config.yaml}, for Flink's own command line. */
    public Path configurationFolder() {
        return directory.resolve("conf");
    }

    /** Returns a file of the cluster's folder, such as {@code taskmanager-1.log}. */
    public Path file(String name) {
        return directory.resolve(name);
    }

    /** Returns the TaskManagers that were started and not killed, in order. */
    public List<TaskManager> taskManagers() {
        return List.copyOf(taskManagers);
    }

    /** Starts one more TaskManager and returns at once. */
    public TaskManager startTaskManager() {
        started++;
        TaskManager taskManager =
                new TaskManager(
                        launch(
                                "Flink TaskManager",
                                "taskmanager-" + started + ".log",
                                "640m",
                                taskManagerOptions,
                                "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"));
        taskManagers.add(taskManager);
        return taskManager;
    }

    private ChildProcess launch(
            String name,
            String log,
            String heap,
            List<String> options,
            String mainClass,
            String... arguments) {
        JavaCommand java =
                JavaCommand.onClassPath(classPath, heap)
                        .withArguments(ChildLogging.jvmArguments())
                        .withArguments(options);
        List<String> words = new ArrayList<>(List.of("--configDir", "" + configurationFolder()));
        words.addAll(List.of(arguments));
        return ChildProcess.start(
                name,
                java.of(directory.path(), mainClass, words.toArray(String[]::new)),
                file(log));
    }

    private void write(int slots, Map<String, String> configuration) {
        Map<String, String> options = new TreeMap<>(defaults(slots));
        options.putAll(configuration);
        String yaml =
                options.entrySet().stream()
                        .map(option -> option.getKey() + ": " + quoted(option.getValue()))
                        .collect(Collectors.joining("\n", "", "\n"));
        try {
            Files.createDirectories(configurationFolder());
            Files.writeString(configurationFolder().resolve("config.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException("Flink's configuration could not be written", e);
        }
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split(" +", -1));
    }

    private static String quoted(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    /** Sizes in full, since the processes are started without the scripts that derive them. */
    private Map<String, String> defaults(int slots) {
        Map<String, String> options = new TreeMap<>();
        options.put("jobmanager.rpc.address", "127.0.0.1");
        options.put("jobmanager.rpc.port", Integer.toString(FreePorts.next()));
        options.put("jobmanager.bind-host", "127.0.0.1");
        options.put("taskmanager.host", "127.0.0.1");
        options.put("taskmanager.bind-host", "127.0.0.1");
        options.put("rest.address", "127.0.0.1");
        options.put("rest.bind-address", "127.0.0.1");
        options.put("rest.port", Integer.toString(restPort));
        options.put("rest.bind-port", Integer.toString(restPort));
        options.put("io.tmp.dirs", directory.resolve("tmp").toString());
        options.put("web.tmpdir", directory.resolve("web").toString());
        options.put("blob.storage.directory", directory.resolve("blobs").toString());
        options.put("taskmanager.numberOfTaskSlots", Integer.toString(slots));
        options.put("taskmanager.cpu.cores", "2.0");
        options.put("taskmanager.memory.framework.heap.size", "128m");
        options.put("taskmanager.memory.framework.off-heap.size", "128m");
        options.put("taskmanager.memory.task.heap.size", "512m");
        options.put("taskmanager.memory.task.off-heap.size", "64m");
        options.put("taskmanager.memory.network.min", "64m");
        options.put("taskmanager.memory.network.max", "64m");
        options.put("taskmanager.memory.managed.size", "128m");
        options.put("taskmanager.memory.jvm-metaspace.size", "256m");
        options.put("taskmanager.memory.jvm-overhead.min", "64m");
        options.put("taskmanager.memory.jvm-overhead.max", "64m");
        // A dead TaskManager is noticed in seconds, not in the default minute.
        options.put("heartbeat.interval", "1 s");
        options.put("heartbeat.timeout", "8 s");
        return options;
    }

    @Override
    public void close() {
        exitHook.close();
        end();
    }

    private void end() {
        // In order first, so that jobs close what they hold; then whatever is left.
        jobManager.stop(STOP_LIMIT);
        taskManagers().forEach(TaskManager::kill);
        directory.close();
    }
}
