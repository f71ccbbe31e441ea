package io.headrace.jobs;

import io.headrace.local.FreePorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.RemoteStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;

/** A Flink in this process, with its web page on a free port. */
public final class LocalFlink implements AutoCloseable {

    /** Brings the counts of running jobs, which are shown to people. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private final Path folder;
    private final Thread cleanUp;
    private final MiniCluster cluster;
    private final StreamExecutionEnvironment environment;
    private final String webUrl;
    private final List<Runnable> onShutdown = new CopyOnWriteArrayList<>();

    private LocalFlink(
            Path folder,
            MiniCluster cluster,
            StreamExecutionEnvironment environment,
            String webUrl) {
        this.folder = folder;
        // Also after Ctrl-C nothing may be left behind.
        this.cleanUp =
                new Thread(
                        () -> {
                            onShutdown.forEach(Runnable::run);
                            FileUtils.deleteDirectoryQuietly(folder.toFile());
                        },
                        "clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
        this.cluster = cluster;
        this.environment = environment;
        this.webUrl = webUrl;
    }

    /** Starts a cluster of one TaskManager with that many slots. */
    public static LocalFlink start(int slots) throws Exception {
        return start(slots, new Configuration());
    }

    /** Like {@link #start(int)}, with settings for its jobs that win over ours. */
    static LocalFlink start(int slots, Configuration more) throws Exception {
        int port = FreePorts.next();
        Path folder = Files.createTempDirectory("headrace-flink-");
        Configuration configuration = new Configuration();
        configuration.set(CoreOptions.TMP_DIRS, folder.toString());
        configuration.set(BlobServerOptions.STORAGE_DIRECTORY, folder.toString());
        configuration.set(WebOptions.TMP_DIR, folder.toString());
        configuration.set(WebOptions.UPLOAD_DIR, folder.resolve("upload").toString());
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.PORT, port);
        configuration.set(RestOptions.BIND_PORT, Integer.toString(port));
        configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, slots);
        // In memory, Flink's default, the result cache would soon be too large for a checkpoint.
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        configuration.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, HEARTBEAT);
        configuration.addAll(more);
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(slots)
                                .build());
        cluster.start();
        StreamExecutionEnvironment environment =
                new RemoteStreamEnvironment("127.0.0.1", port, configuration);
        environment.setParallelism(slots);
        return new LocalFlink(folder, cluster, environment, "http://127.0.0.1:" + port);
    }

    public StreamExecutionEnvironment environment() {
        return environment;
    }

    public String webUrl() {
        return webUrl;
    }

    /**
     * Runs an action when the process is asked to end, before the cluster's files go away. The
     * process ends when the action does.
     */
    void onShutdown(Runnable action) {
        onShutdown.add(action);
    }

    /** Ends the cluster and every job in it; an interrupt is kept for the caller. */
    @Override
    public void close() {
        try {
            environment.close();
            cluster.close();
            removeCleanUp();
            FileUtils.deleteDirectory(folder.toFile());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("Flink did not end in order", e);
        }
    }

    private void removeCleanUp() {
        try {
            Runtime.getRuntime().removeShutdownHook(cleanUp);
        } catch (IllegalStateException e) {
            // The process is ending and the hook at work.
        }
    }
}
