package io.headrace.benchmarks;

import io.headrace.benchmarks.Workload.Sharing;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Measures what it costs to run the engine in a process of its own: the same work by both, in
 * turns, and the median of the rounds' ratios. Run as {@code IsolationBenchmark <model.gguf or 1b>
 * [records] [rounds]}.
 */
public final class IsolationBenchmark {

    private IsolationBenchmark() {}

    public static void main(String[] arguments) {
        int records = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 24;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 9;
        EngineOptions options = EngineOptions.of(BenchmarkModels.resolve(arguments[0]));
        try (InferenceEngine here = Engines.open(options);
                InferenceEngine apart = Engines.open(options.withIsolated(true))) {
            Workload work = new Workload(here, records, 11);
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round <= rounds; round++) {
                // The order changes, so that neither always runs on what the other warmed up.
                boolean hereFirst = round % 2 == 0;
                double first = run(hereFirst ? here : apart, work);
                double second = run(hereFirst ? apart : here, work);
                double ours = hereFirst ? first : second;
                double theirs = hereFirst ? second : first;
                System.out.printf(
                        Locale.ROOT,
                        "%s: in this process %8.1f ms, apart %8.1f ms%n",
                        round == 0 ? "warm-up" : "round " + round,
                        ours / 1e6,
                        theirs / 1e6);
                if (round > 0) {
                    ratios.add(theirs / ours);
                }
            }
            Collections.sort(ratios);
            System.out.printf(
                    Locale.ROOT,
                    "isolation costs %.1f %% (median of %d; %.1f to %.1f %%)%n",
                    100 * (ratios.get(ratios.size() / 2) - 1),
                    ratios.size(),
                    100 * (ratios.get(0) - 1),
                    100 * (ratios.get(ratios.size() - 1) - 1));
        }
    }

    private static double run(InferenceEngine engine, Workload work) {
        List<InferenceRequest> requests = new ArrayList<>();
        for (String record : work.records()) {
            requests.add(work.classify(record, Sharing.ALL));
            requests.add(work.extract(record, Sharing.ALL));
            requests.add(work.summarize(record, Sharing.ALL));
        }
        return Measured.together(engine, requests).nanos();
    }
}
