package io.headrace.benchmarks;

import io.headrace.benchmarks.Workload.Sharing;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runtime.LocalEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Compares the engine with a bare loop that computes the very same batches over the same binding
 * and does nothing else. Run as {@code BareLoopBenchmark <model.gguf> [records] [rounds]}.
 */
public final class BareLoopBenchmark {

    private BareLoopBenchmark() {}

    public static void main(String[] arguments) {
        Path path = BenchmarkModels.resolve(arguments[0]);
        int records = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 24;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            ratios[round] = ratio(EngineOptions.of(path).sized(), records, round);
        }
        Arrays.sort(ratios);
        System.out.printf(
                Locale.ROOT, "engine / bare decode loop (0.97) %17.2f%n", ratios[rounds / 2]);
    }

    /** Runs the engine, then its plans again on a fresh context of the same weights. */
    private static double ratio(EngineOptions options, int records, long seed) {
        LlamaLoadedModel model = LlamaLoadedModel.load(options);
        ModelRunner bare = model.newRunner(options);
        RecordingRunner recording = new RecordingRunner(model.newRunner(options));
        try (InferenceEngine engine = new LocalEngine(model, recording, options)) {
            Workload work = new Workload(engine, records, seed);
            List<InferenceRequest> requests = new ArrayList<>();
            for (String record : work.records()) {
                requests.add(work.classify(record, Sharing.ALL));
                requests.add(work.extract(record, Sharing.ALL));
                requests.add(work.summarize(record, Sharing.ALL));
            }
            double engineNanos = Measured.together(engine, requests).nanos();
            List<StepPlan> plans = recording.takePlans();
            long begin = System.nanoTime();
            plans.forEach(bare::execute);
            double bareNanos = System.nanoTime() - begin;
            // Before the engine, which frees the weights.
            bare.close();
            return bareNanos / engineNanos;
        }
    }
}
