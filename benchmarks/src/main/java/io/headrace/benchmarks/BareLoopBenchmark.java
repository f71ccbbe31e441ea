package io.headrace.benchmarks;

import io.headrace.benchmarks.Workload.Sharing;
import io.headrace.inference.Backend;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.cpu.CpuLoadedModel;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.runtime.LocalEngine;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Compares the engine with a bare loop that computes the same batches over the same binding and
 * does nothing else. Run as {@code BareLoopBenchmark <model.gguf or 1b> [records] [rounds]
 * [threads]}.
 */
public final class BareLoopBenchmark {

    private BareLoopBenchmark() {}

    public static void main(String[] arguments) {
        Path path = BenchmarkModels.resolve(arguments[0]);
        int records = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 24;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
        int threads = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 0;
        EngineOptions options = EngineOptions.of(path).withThreads(threads).sized();
        for (Backend backend : List.of(Backend.LLAMA_CPP, Backend.HEADRACE)) {
            measure(options, backend, records, rounds);
        }
    }

    private static void measure(EngineOptions options, Backend backend, int records, int rounds) {
        double[] clock = new double[rounds];
        double[] processor = new double[rounds];
        for (int round = -1; round < rounds; round++) {
            Time ratio = ratio(options, backend, records, round);
            if (round >= 0) { // The first round warms up.
                clock[round] = ratio.clock();
                processor[round] = ratio.processor();
            }
        }
        Arrays.sort(clock);
        Arrays.sort(processor);
        System.out.printf(
                Locale.ROOT,
                "engine / bare decode loop (0.97), %s: %.2f by the clock, %.2f by processor time%n",
                backend.written(),
                clock[rounds / 2],
                processor[rounds / 2]);
    }

    /**
     * Computes the plans of an engine, and the same requests with an engine; which is first changes
     * from round to round. All begin with empty contexts of their own.
     */
    private static Time ratio(EngineOptions options, Backend backend, int records, int round) {
        Run recorded = engine(options, backend, records, round);
        Time loop = round % 2 == 0 ? loop(options, backend, recorded) : null;
        Time engine = engine(options, backend, records, round).time();
        loop = loop == null ? loop(options, backend, recorded) : loop;
        return new Time(loop.clock() / engine.clock(), loop.processor() / engine.processor());
    }

    /**
     * A run of an engine.
     *
     * @param first plans of its first request, for which it indexes the vocabulary once
     * @param plans plans of the work
     * @param time of the work
     */
    private record Run(List<StepPlan> first, List<StepPlan> plans, Time time) {}

    private static Run engine(EngineOptions options, Backend backend, int records, long seed) {
        LoadedModel model = load(options, backend);
        RecordingRunner runner = new RecordingRunner(model.newRunner(options));
        try (InferenceEngine engine = new LocalEngine(model, runner, options)) {
            Workload work = new Workload(engine, records, seed);
            Measured.together(engine, work.extract(Sharing.NONE).subList(0, 1));
            List<StepPlan> first = runner.takePlans();
            List<InferenceRequest> requests = work.allTasks(Sharing.ALL);
            Time time = Time.of(() -> Measured.together(engine, requests));
            return new Run(first, runner.takePlans(), time);
        }
    }

    private static Time loop(EngineOptions options, Backend backend, Run run) {
        LoadedModel model = load(options, backend);
        try (model;
                ModelRunner bare = model.newRunner(options)) {
            run.first().forEach(bare::execute);
            return Time.of(() -> run.plans().forEach(bare::execute));
        }
    }

    private static LoadedModel load(EngineOptions options, Backend backend) {
        return backend == Backend.HEADRACE
                ? CpuLoadedModel.load(options)
                : LlamaLoadedModel.load(options);
    }
}
