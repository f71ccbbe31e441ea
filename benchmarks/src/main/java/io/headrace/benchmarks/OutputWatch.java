package io.headrace.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Watches how many records a topic has while a job of this process writes it. A thread of its own
 * asks the broker ten times a second, committed or not, and notes the clock and the processor time
 * of this process beside the answer. The time of Java's compilers is left out where Linux tells it:
 * a job that runs for days has it behind itself.
 */
final class OutputWatch {

    private static final Path TASKS = Path.of("/proc/self/task");
    private static final long TICK_NANOS = 10_000_000;
    private static final long PAUSE_MILLIS = 100;

    /** What a job takes in the middle of its run: its start and its end do not count. */
    record Cost(double perSecond, double cpuMicros) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%,.0f records/s, %.1f µs of processor", perSecond, cpuMicros);
        }
    }

    private record Sample(long records, long nanos, long cpuNanos) {}

    private final String bootstrapServers;
    private final String topic;
    private final List<Sample> samples = new ArrayList<>();

    /** Ticks of each compiler thread, of those that ended too. */
    private final Map<Path, Long> compilers = new HashMap<>();

    private final Thread thread = new Thread(this::watch, "output-watch");
    private volatile boolean ended;

    private OutputWatch(String bootstrapServers, String topic) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
    }

    static OutputWatch start(String bootstrapServers, String topic) {
        OutputWatch watch = new OutputWatch(bootstrapServers, topic);
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", bootstrapServers),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            while (!ended) {
                long records =
                        consumer.endOffsets(partitions, Duration.ofMinutes(1)).values().stream()
                                .mapToLong(Long::longValue)
                                .sum();
                samples.add(new Sample(records, System.nanoTime(), cpuNanos()));
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long cpuNanos() throws IOException {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime()
                - compilerNanos();
    }

    /** Format: proc(5), fields 2, 14 and 15 of {@code stat}, in hundredths of a second. */
    private long compilerNanos() throws IOException {
        if (Files.isDirectory(TASKS)) {
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
                for (Path task : tasks) {
                    noteCompiler(task);
                }
            }
        }
        return compilers.values().stream().mapToLong(ticks -> ticks * TICK_NANOS).sum();
    }

    private void noteCompiler(Path task) throws IOException {
        String stat;
        try {
            stat = Files.readString(task.resolve("stat"));
        } catch (NoSuchFileException e) {
            return; // A thread that has ended.
        }
        int end = stat.lastIndexOf(')');
        if (stat.substring(0, end).contains("CompilerThre")) {
            String[] fields = stat.substring(end + 2).split(" ", -1);
            compilers.put(task, Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
        }
    }

    /**
     * Ends the watch; returns the cost between the first fifth of the records and the last tenth.
     */
    Cost end(long records) throws InterruptedException {
        ended = true;
        thread.join();
        Sample from = at(records / 5);
        Sample to = at(records - records / 10);
        double count = to.records() - from.records();
        return new Cost(
                count * 1e9 / (to.nanos() - from.nanos()),
                (to.cpuNanos() - from.cpuNanos()) / 1e3 / count);
    }

    private Sample at(long records) {
        return samples.stream()
                .filter(sample -> sample.records() >= records)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(topic + " never had " + records));
    }
}
