package io.headrace.benchmarks;

import io.headrace.benchmarks.Workload.Sharing;
import io.headrace.inference.Backend;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.cpu.CpuLoadedModel;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runtime.GrammarEngine;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.runtime.LocalEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Measures ratios of the engine on one model and each backend; the two sides of a ratio alternate
 * in one run, and the medians of the rounds count, by the clock and by processor time. One thread
 * makes the latter tell the truth on busy cores, where llama.cpp's threads spin while they wait for
 * each other. Run as {@code EngineBenchmark <model.gguf or 1b> [records] [rounds] [threads]
 * [backends] [part of a ratio's name]}.
 */
public final class EngineBenchmark {

    private final InferenceEngine engine;
    private final InferenceEngine grammars;
    private final Workload work;
    private final int records;
    private final int rounds;
    private final String only;

    private EngineBenchmark(
            InferenceEngine engine,
            InferenceEngine grammars,
            int records,
            int rounds,
            String only) {
        this.only = only;
        this.engine = engine;
        this.grammars = grammars;
        this.work = new Workload(engine, records, 11);
        this.records = records;
        this.rounds = rounds;
    }

    public static void main(String[] arguments) {
        int records = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 24;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
        int threads = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 0;
        String backends = arguments.length > 4 ? arguments[4] : "headrace,llama.cpp";
        String only = arguments.length > 5 ? arguments[5] : "";
        EngineOptions options =
                EngineOptions.of(BenchmarkModels.resolve(arguments[0])).withThreads(threads);
        for (Backend backend : List.of(Backend.LLAMA_CPP, Backend.HEADRACE)) {
            if (backends.contains(backend.written())) {
                run(options, backend, records, rounds, only);
            }
        }
    }

    private static void run(
            EngineOptions options, Backend backend, int records, int rounds, String only) {
        LoadedModel model =
                backend == Backend.HEADRACE
                        ? CpuLoadedModel.load(options)
                        : LlamaLoadedModel.load(options);
        try (InferenceEngine engine = new LocalEngine(model, model.newRunner(options), options);
                InferenceEngine grammars =
                        new GrammarEngine(model, model.newRunner(options), options, Grammars::of)) {
            new EngineBenchmark(engine, grammars, records, rounds, only).run();
        }
    }

    private void run() {
        System.out.printf(
                Locale.ROOT, "%s, %d records, median of %d%n", engine.model(), records, rounds);
        compare(
                "all three tasks, shared / nothing shared (3.0)",
                () -> Measured.together(engine, work.allTasks(Sharing.ALL)),
                () -> Measured.together(engine, work.allTasks(Sharing.NONE)));
        compare(
                "all three tasks, shared / instructions shared (1.3)",
                () -> Measured.together(engine, work.allTasks(Sharing.ALL)),
                () -> Measured.together(engine, work.allTasks(Sharing.INSTRUCTIONS)));
        compare(
                "classify, batched / one record a call (1.5)",
                () -> Measured.together(engine, work.classify(Sharing.ALL)),
                () -> Measured.oneByOne(engine, work.classify(Sharing.ALL)));
        compare(
                "classify by scoring / under llama.cpp's grammar (1.35)",
                () -> Measured.together(engine, work.classify(Sharing.ALL)),
                () -> Measured.together(grammars, work.classify(Sharing.ALL)));
        compare(
                "extract / under llama.cpp's grammar (1.6)",
                () -> Measured.together(engine, work.extract(Sharing.ALL)),
                () -> Measured.together(grammars, work.extract(Sharing.ALL)));
    }

    private interface Side {
        Measured run();
    }

    private void compare(String name, Side ours, Side theirs) {
        if (!name.contains(only)) {
            return;
        }
        List<Measured> left = new ArrayList<>();
        List<Measured> right = new ArrayList<>();
        ours.run();
        theirs.run();
        for (int round = 0; round < rounds; round++) {
            left.add(ours.run());
            right.add(theirs.run());
        }
        System.out.printf(
                Locale.ROOT,
                "%-55s %5.2f by the clock, %5.2f by processor time%n",
                name,
                median(right, Measured::nanos) / median(left, Measured::nanos),
                median(right, Measured::processorNanos) / median(left, Measured::processorNanos));
        print("  ours  ", left);
        print("  theirs", right);
    }

    private static void print(String side, List<Measured> runs) {
        System.out.printf(
                Locale.ROOT,
                "%s %8.1f ms %8.1f ms processor %6.0f steps %8.0f rows, java %4.1f %%, hit rate %4.1f %%%n",
                side,
                median(runs, Measured::nanos) / 1e6,
                median(runs, Measured::processorNanos) / 1e6,
                median(runs, Measured::steps),
                median(runs, Measured::rows),
                100 * median(runs, Measured::javaShare),
                100 * median(runs, Measured::hitRate));
    }

    private static double median(List<Measured> runs, ToDoubleFunction<Measured> value) {
        double[] sorted = runs.stream().mapToDouble(value).sorted().toArray();
        return Arrays.stream(sorted, sorted.length / 2, sorted.length / 2 + 1).sum();
    }
}
