package io.headrace.jobs.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** The jar for a cluster, as the package phase leaves it. */
class JobJarITCase {

    private static final Path JAR = Path.of("target", "headrace-jobs-job.jar");

    private static List<String> classes(Path jar) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .filter(name -> !name.endsWith("module-info.class"))
                    .filter(name -> !name.startsWith("META-INF/versions/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.toString().endsWith(".jar"));
    }

    private static boolean isOf(Path jar, String... artifacts) {
        return Arrays.stream(artifacts)
                .anyMatch(it -> jar.getFileName().toString().matches(it + "-\\d.*\\.jar"));
    }

    @Test
    void holdsNoClassOfFlinkOrItsLogging() {
        Set<String> inside = new TreeSet<>(classes(JAR));
        Set<String> ofDistribution =
                classPath()
                        .filter(
                                jar ->
                                        isOf(
                                                jar,
                                                "flink-(core|core-api|runtime|streaming-java|clients"
                                                        + "|connector-base|metrics-core|annotations"
                                                        + "|table-common|table-api-java)",
                                                "slf4j-api",
                                                "log4j-.*"))
                        .flatMap(jar -> classes(jar).stream())
                        .collect(Collectors.toSet());
        assertThat(ofDistribution).hasSizeGreaterThan(5_000);
        inside.retainAll(ofDistribution);
        assertThat(inside).isEmpty();
    }

    @Test
    void theNoticeNamesEveryLibraryInside() throws IOException {
        String notice = Files.readString(Path.of("..", "NOTICE"));
        try (ZipFile zip = new ZipFile(JAR.toFile())) {
            assertThat(
                            zip.stream()
                                    .map(ZipEntry::getName)
                                    .filter(it -> it.matches("META-INF/maven/.*/pom.properties"))
                                    .map(it -> it.split("/", -1)[3])
                                    .filter(it -> !it.startsWith("headrace-"))
                                    .filter(it -> !notice.contains(it)))
                    .isEmpty();
            assertThat(zip.getEntry("de/erichseifert/vectorgraphics2d/VectorGraphics2D.class"))
                    .as("LGPL")
                    .isNull();
        }
    }

    @Test
    void holdsEachClassOnceAndNoneThatTwoLibrariesDefineDifferently() {
        List<String> inside = classes(JAR);
        assertThat(inside).doesNotHaveDuplicates();
        Set<String> names = Set.copyOf(inside);
        Map<String, List<String>> definedBy = new TreeMap<>();
        classPath()
                // Bundles for the SQL client's lib/, and what only tests and servers need.
                .filter(jar -> !isOf(jar, "flink-sql-.*", "flink-table-.*", "flink-python"))
                .filter(jar -> !jar.getFileName().toString().startsWith("headrace-"))
                .forEach(
                        jar ->
                                classes(jar).stream()
                                        .filter(names::contains)
                                        .forEach(
                                                name ->
                                                        definedBy
                                                                .computeIfAbsent(
                                                                        name,
                                                                        it -> new ArrayList<>())
                                                                .add(jar.getFileName() + "")));
        Set<List<String>> clashes =
                definedBy.values().stream()
                        .filter(jars -> jars.size() > 1)
                        .collect(Collectors.toSet());
        assertThat(clashes).isEmpty();
    }
}
