package io.headrace.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.local.FlinkCluster;
import io.headrace.local.LocalServers;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example as a user runs it: JobManager, TaskManager and SQL client are processes of their own,
 * and what they know of Headrace is the one jar in {@code lib/}.
 */
class StandaloneClusterITCase {

    private static final Path JAR = Path.of("target", "headrace-flink-sql.jar").toAbsolutePath();

    @TempDir Path folder;

    /** Flink, its connector and its format, as a distribution has them. */
    private static List<Path> lib() {
        List<Path> lib = new ArrayList<>();
        lib.add(JAR);
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(jar -> jar.toString().endsWith(".jar"))
                .filter(StandaloneClusterITCase::isOfFlink)
                .forEach(lib::add);
        return lib;
    }

    /** Libraries that Headrace brings must come out of its own jar. */
    private static boolean isOfFlink(Path jar) {
        String path = jar.toString().replace(File.separatorChar, '/');
        return path.contains("/org/apache/flink/")
                || path.contains("/org/apache/kafka/kafka-clients/")
                || path.contains("/org/apache/logging/log4j/")
                || path.contains("/org/slf4j/")
                || path.contains("/commons-")
                || path.contains("/org/apache/commons/")
                || path.contains("/com/ibm/icu/")
                || path.contains("/com/esotericsoftware/")
                || path.contains("/org/objenesis/")
                || path.contains("/org/xerial/snappy/")
                || path.contains("/org/lz4/")
                || path.contains("/at/yawk/lz4/")
                || path.contains("/com/github/luben/")
                || path.contains("/org/snakeyaml/");
    }

    /** What the client must know; the cluster's own file would make it take the cluster's port. */
    private Path configuration(FlinkCluster flink) throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(
                conf.resolve("config.yaml"),
                "execution.target: remote\nrest.address: 127.0.0.1\nrest.port: "
                        + flink.restPort()
                        + "\n");
        return conf;
    }

    private String runScript(FlinkCluster flink, Path script) throws Exception {
        Path output = folder.resolve("output.txt");
        ProcessBuilder client =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx400m",
                        "-cp",
                        lib().stream()
                                .map(Path::toString)
                                .collect(Collectors.joining(File.pathSeparator)),
                        "org.apache.flink.table.client.SqlClient",
                        "-f",
                        script.toString());
        client.environment().put("FLINK_CONF_DIR", configuration(flink).toString());
        client.redirectOutput(output.toFile()).redirectError(folder.resolve("log.txt").toFile());
        Process process = client.start();
        try {
            assertThat(process.waitFor(4, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output, StandardCharsets.UTF_8);
    }

    @Test
    void theSqlClientGivesTheDocumentedOutput() throws Exception {
        assertThat(JAR).as("the jar, which the package phase builds").exists();
        try (LocalServers servers = LocalServers.start();
                FlinkCluster flink = FlinkCluster.start(lib(), 1, 2, Map.of())) {
            ExampleScript.createTopics(servers);
            Path script =
                    Files.writeString(folder.resolve("script.sql"), ExampleScript.with(servers));

            String printed = runScript(flink, script);

            assertThat(ExampleScript.lines(printed))
                    .as(printed)
                    .containsSubsequence(ExampleScript.OUTPUT);
        }
    }
}
