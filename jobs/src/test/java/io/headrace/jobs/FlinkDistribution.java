package io.headrace.jobs;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What a Flink distribution holds, out of the class path of the tests. */
final class FlinkDistribution {

    /** The jar for a cluster, as the package phase leaves it. */
    static final Path JOB_JAR = Path.of("target", "headrace-jobs-job.jar").toAbsolutePath();

    private FlinkDistribution() {}

    /** What a distribution has in {@code lib/}, and the reporter out of {@code plugins/}. */
    static List<Path> lib() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(jar -> jar.toString().endsWith(".jar"))
                .filter(FlinkDistribution::isOfFlink)
                .toList();
    }

    private static boolean isOfFlink(Path jar) {
        String path = jar.toString().replace(File.separatorChar, '/');
        boolean connector =
                Stream.of("flink-connector-kafka/", "flink-avro/", "flink-sql-avro")
                        .anyMatch(path::contains);
        return !connector
                && Stream.of(
                                "/org/apache/flink/",
                                "/org/apache/logging/log4j/",
                                "/org/slf4j/",
                                "/commons-",
                                "/org/apache/commons/",
                                "/com/esotericsoftware/",
                                "/org/objenesis/",
                                "/org/xerial/snappy/",
                                "/org/lz4/",
                                "/at/yawk/lz4/",
                                "/com/github/luben/",
                                "/io/prometheus/",
                                "/org/snakeyaml/")
                        .anyMatch(path::contains);
    }
}
