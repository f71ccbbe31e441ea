package io.headrace.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.EndPosition;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.local.FlinkCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.RemoteStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job that is started and cancelled again and again in one TaskManager, a process of its own with
 * the engine in {@code lib/} and the rest in the job's jar, as docs/operations.md says. The whole:
 * {@code -Pfaults}.
 */
class SessionClusterITCase {

    private static final int ROUNDS = Boolean.getBoolean("headrace.faults") ? 20 : 5;

    /** From then on a round must leave nothing behind. */
    private static final int WARM = 3;

    private static final double MOST_GROWTH = 1.05;

    private static final int RECORDS = 20;

    /** As large as Flink's scripts make it, and resident from the start: what grows is not heap. */
    private static final String WHOLE_HEAP = "-Xms640m -XX:+AlwaysPreTouch";

    /** Native code stays loaded for good, so it belongs in {@code lib/}. */
    private static final Path LIB_JAR =
            Path.of("..", "sql", "target", "headrace-flink-sql.jar").toAbsolutePath();

    @TempDir static Path folder;
    private static Fixture fixture;
    private static FlinkCluster flink;

    @BeforeAll
    static void start() {
        fixture = new Fixture(folder);
        List<Path> lib = new ArrayList<>(FlinkDistribution.lib());
        lib.add(LIB_JAR);
        flink =
                FlinkCluster.start(
                        lib,
                        1,
                        1,
                        Map.of(
                                "classloader.parent-first-patterns.additional",
                                "io.headrace.inference;com.sun.jna",
                                "env.java.opts.taskmanager",
                                WHOLE_HEAP));
    }

    @AfterAll
    static void stop() {
        if (flink != null) {
            flink.close();
        }
        fixture.close();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void startingAndCancellingLeavesNoMemoryThreadOrClassLoaderBehind() throws Exception {
        long pid = flink.taskManagers().get(0).pid();
        List<Remains> remains = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            startAndCancel(round);
            remains.add(Remains.of(pid));
        }

        Remains warm = remains.get(WARM - 1);
        Remains last = remains.get(ROUNDS - 1);
        assertThat(last.classLoaders()).as("%s", remains).isZero();
        assertThat(last.threads()).as("%s", remains).isEqualTo(warm.threads()).isZero();
        assertThat(last.residentKilobytes())
                .as("%s", remains)
                .isLessThan((long) (MOST_GROWTH * warm.residentKilobytes()));
    }

    /** A round reads a topic of its own, so that all have the same work. */
    private static void startAndCancel(int round) throws Exception {
        String topic = "messages-" + round;
        fixture.servers().kafka().topics().create(topic, 1);
        PipelineFile file =
                fixture.pipeline(
                        fixture.pipelineText().replace("topic: messages", "topic: " + topic));
        Preflight.of(file).check(); // creates the topics of the output
        StreamExecutionEnvironment environment =
                new RemoteStreamEnvironment(
                        "127.0.0.1",
                        flink.restPort(),
                        new Configuration(),
                        FlinkDistribution.JOB_JAR.toString());
        environment.setParallelism(1);
        new EnrichmentJob(file).addTo(environment, new EndPosition.Unbounded());
        JobClient job = environment.executeAsync("round " + round);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            records.add(
                    new ProducerRecord<>(
                            topic, fixture.encode(topic, Fixture.message("c" + i, "lost " + i))));
        }
        fixture.produce(records);
        int enriched = RECORDS * round;
        assertThat(
                        Edges.awaitRecords(
                                fixture.servers().kafka().bootstrapServers(), "enriched", enriched))
                .hasSizeGreaterThanOrEqualTo(enriched);
        job.cancel().get();
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!job.getJobStatus().get().isGloballyTerminalState()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    /** What is left of jobs in a TaskManager without any. */
    private record Remains(long residentKilobytes, int threads, int classLoaders) {

        private static final int MOST_COLLECTIONS = 10;
        private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
        private static final Pattern OURS = Pattern.compile("(?m)^\"headrace-[^\"]*\"");
        private static final Pattern LOADERS =
                Pattern.compile("(?m)^\\s*\\d+:\\s+(\\d+)\\s.*ChildFirstClassLoader\\s");

        /**
         * A class loader takes a few collections, and the cleaners between them, to go. What was
         * freed stays with the C library in its arenas, until it is told to give it back.
         */
        static Remains of(long pid) throws Exception {
            int loaders = classLoaders(pid);
            for (int more = 0; more < MOST_COLLECTIONS && loaders > 0; more++) {
                Thread.sleep(500);
                loaders = classLoaders(pid);
            }
            jcmd(pid, "System.trim_native_heap");
            Matcher resident =
                    RESIDENT.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
            assertThat(resident.find()).isTrue();
            return new Remains(
                    Long.parseLong(resident.group(1)),
                    (int) OURS.matcher(jcmd(pid, "Thread.print")).results().count(),
                    loaders);
        }

        private static int classLoaders(long pid) throws Exception {
            jcmd(pid, "GC.run");
            Matcher loaders = LOADERS.matcher(jcmd(pid, "GC.class_histogram"));
            return loaders.find() ? Integer.parseInt(loaders.group(1)) : 0;
        }

        private static String jcmd(long pid, String... command)
                throws IOException, InterruptedException {
            List<String> words = new ArrayList<>();
            words.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
            words.add(Long.toString(pid));
            words.addAll(List.of(command));
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return output;
        }
    }
}
