package io.headrace.benchmarks;

import io.headrace.benchmarks.Workload.Sharing;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Measures what it costs to run the engine in a process of its own: the same work by both, in
 * turns, and the median of the rounds' ratios, of wall time and of the processor time of both
 * processes, which other load disturbs less. Run as {@code IsolationBenchmark <model.gguf or 1b>
 * [records] [rounds] [threads]}.
 */
public final class IsolationBenchmark {

    /** Requests of a record. */
    private static final int TASKS = 3;

    private IsolationBenchmark() {}

    /** What a run took. */
    private record Cost(double wallNanos, double processorNanos) {}

    public static void main(String[] arguments) {
        int records = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 24;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 9;
        int threads = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 0;
        EngineOptions options =
                EngineOptions.of(BenchmarkModels.resolve(arguments[0])).withThreads(threads);
        try (InferenceEngine here = Engines.open(options);
                InferenceEngine apart = Engines.open(options.withIsolated(true))) {
            Workload work = new Workload(here, records, 11);
            List<Double> wall = new ArrayList<>();
            List<Double> processor = new ArrayList<>();
            List<Double> added = new ArrayList<>();
            for (int round = 0; round <= rounds; round++) {
                // The order changes, so that neither always runs on what the other warmed up.
                boolean hereFirst = round % 2 == 0;
                Cost first = run(hereFirst ? here : apart, work);
                Cost second = run(hereFirst ? apart : here, work);
                Cost ours = hereFirst ? first : second;
                Cost theirs = hereFirst ? second : first;
                if (round > 0) {
                    wall.add(theirs.wallNanos() / ours.wallNanos());
                    processor.add(theirs.processorNanos() / ours.processorNanos());
                    double nanos = theirs.processorNanos() - ours.processorNanos();
                    added.add(nanos / 1e6 / (TASKS * records));
                }
            }
            print("wall time", wall);
            print("processor time", processor);
            Collections.sort(added);
            System.out.printf(
                    Locale.ROOT,
                    "processor time added to a request: %.3f ms (%.3f to %.3f)%n",
                    added.get(added.size() / 2),
                    added.get(0),
                    added.get(added.size() - 1));
        }
    }

    private static void print(String what, List<Double> ratios) {
        Collections.sort(ratios);
        System.out.printf(
                Locale.ROOT,
                "isolation costs %.1f %% of %s (median of %d; %.1f to %.1f %%)%n",
                100 * (ratios.get(ratios.size() / 2) - 1),
                what,
                ratios.size(),
                100 * (ratios.get(0) - 1),
                100 * (ratios.get(ratios.size() - 1) - 1));
    }

    private static Cost run(InferenceEngine engine, Workload work) {
        List<InferenceRequest> requests = work.allTasks(Sharing.ALL);
        double before = processorNanos();
        long wall = Measured.together(engine, requests).nanos();
        return new Cost(wall, processorNanos() - before);
    }

    /** Returns the processor time of this process and its children, to 10 ms. */
    private static double processorNanos() {
        return Stream.concat(Stream.of(ProcessHandle.current()), ProcessHandle.current().children())
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .mapToLong(Duration::toNanos)
                .sum();
    }
}
