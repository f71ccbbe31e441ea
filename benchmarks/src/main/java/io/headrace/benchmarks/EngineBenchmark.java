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
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Measures ratios of the engine on one model and each backend; the two sides of a ratio alternate
 * in one run, and the medians of the rounds count, by the clock and by processor time. One thread
 * makes the latter tell the truth on busy cores, where llama.cpp's threads spin while they wait for
 * each other. Run as {@code EngineBenchmark <model.gguf or 1b> [records] [rounds] [threads]
 * [backends] [part of a ratio's name]}.
 */
public final class EngineBenchmark {

    private final EngineOptions options;
    private final Backend backend;
    private final int records;
    private final int rounds;
    private final String only;

    private EngineBenchmark(
            EngineOptions options, Backend backend, int records, int rounds, String only) {
        this.options = options;
        this.backend = backend;
        this.records = records;
        this.rounds = rounds;
        this.only = only;
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
                new EngineBenchmark(options, backend, records, rounds, only).run();
            }
        }
    }

    private void run() {
        System.out.printf(
                Locale.ROOT, "%s, %d records, median of %d%n", backend.written(), records, rounds);
        compare(
                "all three tasks, shared / nothing shared (3.0)",
                side -> Measured.together(side.engine, side.work.allTasks(Sharing.ALL)),
                side -> Measured.together(side.engine, side.work.allTasks(Sharing.NONE)));
        compare(
                "all three tasks, shared / instructions shared (1.3)",
                side -> Measured.together(side.engine, side.work.allTasks(Sharing.ALL)),
                side -> Measured.together(side.engine, side.work.allTasks(Sharing.INSTRUCTIONS)));
        compare(
                "classify, batched / one record a call (1.5)",
                side -> Measured.together(side.engine, side.work.classify(Sharing.ALL)),
                side -> Measured.oneByOne(side.engine, side.work.classify(Sharing.ALL)));
        compare(
                "classify by scoring / under llama.cpp's grammar (1.35)",
                side -> Measured.together(side.engine, side.work.classify(Sharing.ALL)),
                side -> Measured.together(side.grammars, side.work.classify(Sharing.ALL)));
        compare(
                "extract / under llama.cpp's grammar (1.6)",
                side -> Measured.together(side.engine, side.work.extract(Sharing.ALL)),
                side -> Measured.together(side.grammars, side.work.extract(Sharing.ALL)));
        compare(
                "extract compactly / under llama.cpp's grammar (1.6)",
                side -> Measured.together(side.engine, side.compact.extract(Sharing.ALL)),
                side -> Measured.together(side.grammars, side.work.extract(Sharing.ALL)));
        compare(
                "extract what classify has read / under llama.cpp's grammar",
                side -> extractAfterClassify(side.engine, side.work),
                side -> extractAfterClassify(side.grammars, side.work));
        compare(
                "extract compactly what classify has read / under llama.cpp's grammar",
                side -> extractAfterClassify(side.engine, side.compact),
                side -> extractAfterClassify(side.grammars, side.work));
    }

    /** The second of two tasks on records that are new, alone. */
    private static Measured extractAfterClassify(InferenceEngine engine, Workload work) {
        Measured.together(engine, work.classify(Sharing.ALL));
        return Measured.together(engine, work.extractAgain());
    }

    /** What a side of a ratio runs on; each begins with a cache that holds nothing. */
    private record Setting(
            InferenceEngine engine, InferenceEngine grammars, Workload work, Workload compact)
            implements AutoCloseable {

        static Setting open(EngineOptions options, Backend backend, int records) {
            LoadedModel model =
                    backend == Backend.HEADRACE
                            ? CpuLoadedModel.load(options)
                            : LlamaLoadedModel.load(options);
            // The engine closes the weights, which both share.
            InferenceEngine grammars =
                    new GrammarEngine(model, model.newRunner(options), options, Grammars::of);
            InferenceEngine engine = new LocalEngine(model, model.newRunner(options), options);
            Workload work = new Workload(engine, records, 11);
            return new Setting(engine, grammars, work, work.compact(engine));
        }

        @Override
        public void close() {
            grammars.close();
            engine.close();
        }
    }

    private void compare(
            String name, Function<Setting, Measured> ours, Function<Setting, Measured> theirs) {
        if (!name.contains(only)) {
            return;
        }
        List<Measured> left = new ArrayList<>();
        List<Measured> right = new ArrayList<>();
        try (Setting mine = Setting.open(options, backend, records);
                Setting other = Setting.open(options, backend, records)) {
            for (int round = 0; round <= rounds; round++) {
                left.add(ours.apply(mine));
                right.add(theirs.apply(other));
            }
        }
        left.remove(0); // The first round warms up.
        right.remove(0);
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
