package io.headrace.benchmarks;

import io.headrace.inference.CacheType;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.cpu.CpuLoadedModel;
import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.runtime.LocalEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Compares headrace's own CPU engine with llama.cpp on one model: single steps, and the three tasks
 * through the whole engine; its cache in eight bits with that in half precision, and its layers
 * with what the processor can do at most. The sides take turns; the medians of the rounds count, by
 * the clock and by processor time, which says more where other programs want the cores. Run as
 * {@code CpuEngineBenchmark <model.gguf or 1b> [records] [rounds] [threads]}; 0 records measure
 * steps only, and one thread leaves out what waiting for each other costs on busy cores.
 */
public final class CpuEngineBenchmark {

    private static final int CONTEXT = 400;
    private static final int LONG_CONTEXT = 1600;
    private static final int[] ROWS = {1, 4, 8, 16, 32, 100};

    /** Processor time is counted in hundredths of a second. */
    private static final double LEAST_SECONDS = 0.2;

    private final LoadedModel ours;
    private final LoadedModel theirs;
    private final EngineOptions options;
    private final int rounds;

    private CpuEngineBenchmark(EngineOptions options, int rounds) {
        this.options = options;
        this.rounds = rounds;
        this.ours = CpuLoadedModel.load(options);
        this.theirs = LlamaLoadedModel.load(options);
    }

    public static void main(String[] arguments) {
        int records = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 24;
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
        int threads = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 0;
        EngineOptions options =
                EngineOptions.of(BenchmarkModels.resolve(arguments[0]))
                        .withMaxSequences(128)
                        .withThreads(threads);
        CpuEngineBenchmark benchmark = new CpuEngineBenchmark(options, rounds);
        System.out.println("headrace / llama.cpp, times as fast: by the clock, by processor time");
        benchmark.steps();
        benchmark.cacheTypes();
        benchmark.roofline();
        if (records > 0) {
            benchmark.tasks(records);
        }
    }

    private void steps() {
        try (ModelRunner left = ours.newRunner(options);
                ModelRunner right = theirs.newRunner(options)) {
            fill(left, CONTEXT);
            fill(right, CONTEXT);
            for (int rows : ROWS) {
                compare(
                        "step of " + rows + " rows at " + CONTEXT + " tokens",
                        left,
                        right,
                        rows,
                        CONTEXT);
            }
        }
    }

    /** Keys and values in eight bits against half precision, both on our own engine. */
    private void cacheTypes() {
        EngineOptions halves = options.withContextTokens(2 * LONG_CONTEXT);
        try (ModelRunner left = ours.newRunner(halves.withCacheType(CacheType.Q8));
                ModelRunner right = ours.newRunner(halves)) {
            for (int context : new int[] {CONTEXT, LONG_CONTEXT}) {
                fill(left, context);
                fill(right, context);
                for (int rows : new int[] {1, 8, 32}) {
                    compare(
                            "q8, step of " + rows + " rows at " + context + " tokens",
                            left,
                            right,
                            rows,
                            context);
                }
            }
        }
    }

    /**
     * How near the layers come to what the processor can do: one token of each of several
     * sequences, so that there is next to no attention, and no head. Rounding and norms count.
     */
    private void roofline() {
        long numbers = 0;
        long bytes = 0;
        for (GgufFile.Tensor tensor : GgufReader.read(options.modelPath()).tensors()) {
            if (tensor.name().startsWith("blk.") && tensor.shape().size() == 2) {
                numbers += tensor.shape().get(0) * tensor.shape().get(1);
                bytes += tensor.bytes(); // Q4_0 and Q8_0 take as much when they are packed.
            }
        }
        int cores = Runtime.getRuntime().availableProcessors();
        int threads = options.threads() > 0 ? options.threads() : cores;
        Roofline roofline = new Roofline(threads);
        try (ModelRunner runner = ours.newRunner(options)) {
            for (int rows : ROWS) {
                layers(runner, rows, 1);
                int count = 1;
                while (count < 1 << 14 && layers(runner, rows, count).processor() < LEAST_SECONDS) {
                    count *= 2;
                }
                List<Roofline.Share> ofProducts = new ArrayList<>();
                List<Roofline.Share> ofMemory = new ArrayList<>();
                for (int round = 0; round < rounds; round++) {
                    Roofline.Limits limits = roofline.measure();
                    Time time = layers(runner, rows, count).each(count);
                    ofProducts.add(limits.multiplications().share(1e-9 * rows * numbers, time));
                    ofMemory.add(limits.bytes().share(1e-9 * bytes, time));
                }
                print("layers, " + rows + " rows: of int8 multiplications", ofProducts);
                if (rows == 1) {
                    print("layers, 1 row: of memory bandwidth", ofMemory);
                }
            }
        }
    }

    private static Time layers(ModelRunner runner, int rows, int count) {
        return Time.of(
                () -> {
                    for (int i = 0; i < count; i++) {
                        StepPlan plan = new StepPlan();
                        for (int row = 1; row <= rows; row++) {
                            plan.operation(new StepPlan.Truncation(row, 0));
                        }
                        for (int row = 1; row <= rows; row++) {
                            plan.row(row, row, 0, false);
                        }
                        runner.execute(plan);
                    }
                });
    }

    private static void print(String name, List<Roofline.Share> rounds) {
        Roofline.Share share = Roofline.Share.median(rounds);
        System.out.printf(
                Locale.ROOT,
                "%-42s %3.0f %% %3.0f %%   (%.1f G/s)%n",
                name,
                100 * share.clock(),
                100 * share.processor(),
                share.rate());
    }

    private void compare(String name, ModelRunner left, ModelRunner right, int rows, int context) {
        steps(right, rows, context, 1);
        int count = stepsOfRound(left, rows, context);
        List<Time> leftTimes = new ArrayList<>();
        List<Time> rightTimes = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            leftTimes.add(time(left, rows, context, count).each(count));
            rightTimes.add(time(right, rows, context, count).each(count));
        }
        print(name, leftTimes, rightTimes);
    }

    private static int stepsOfRound(ModelRunner runner, int rows, int context) {
        int steps = 1;
        while (steps < 1 << 14 && time(runner, rows, context, steps).processor() < LEAST_SECONDS) {
            steps *= 2;
        }
        return steps;
    }

    private static Time time(ModelRunner runner, int rows, int context, int steps) {
        return Time.of(() -> steps(runner, rows, context, steps));
    }

    private static void fill(ModelRunner runner, int context) {
        StepPlan plan = new StepPlan();
        plan.operation(new StepPlan.Truncation(0, 0));
        for (int i = 0; i < context; i++) {
            plan.row(i % runner.limits().vocabularySize(), 0, i, false);
            if (plan.rows() == runner.limits().rows() || i + 1 == context) {
                runner.execute(plan);
                plan = new StepPlan();
            }
        }
    }

    private static void steps(ModelRunner runner, int rows, int context, int count) {
        for (int i = 0; i < count; i++) {
            step(runner, rows, context);
        }
    }

    /** One more token for each of several sequences that share the context; all logits are read. */
    private static void step(ModelRunner runner, int rows, int context) {
        StepPlan plan = new StepPlan();
        for (int i = 1; i <= rows; i++) {
            plan.operation(new StepPlan.Truncation(i, 0));
            plan.operation(new StepPlan.Fork(0, i, context));
        }
        for (int i = 1; i <= rows; i++) {
            plan.row(i, i, context, true);
        }
        runner.execute(plan);
    }

    private void tasks(int records) {
        EngineOptions usual = options.withMaxSequences(16);
        try (InferenceEngine left = new LocalEngine(ours, ours.newRunner(usual), usual);
                InferenceEngine right = new LocalEngine(theirs, theirs.newRunner(usual), usual)) {
            Workload work = new Workload(left, records, 11);
            Workload.rounds().forEach((task, asks) -> compare(task, left, right, asks, work));
        }
    }

    private void compare(
            String task,
            InferenceEngine left,
            InferenceEngine right,
            Function<Workload, List<InferenceRequest>> asks,
            Workload work) {
        Measured.together(left, asks.apply(work));
        Measured.together(right, asks.apply(work));
        List<Time> ourTimes = new ArrayList<>();
        List<Time> theirTimes = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<InferenceRequest> asked = asks.apply(work);
            ourTimes.add(Time.of(() -> Measured.together(left, asked)));
            List<InferenceRequest> again = asks.apply(work);
            theirTimes.add(Time.of(() -> Measured.together(right, again)));
        }
        print(task, ourTimes, theirTimes);
    }

    private static void print(String name, List<Time> ours, List<Time> theirs) {
        Time left = Time.median(ours);
        Time right = Time.median(theirs);
        System.out.printf(
                Locale.ROOT,
                "%-36s %5.2f %5.2f   (%.2f / %.2f ms; processor %.2f / %.2f ms)%n",
                name,
                right.clock() / left.clock(),
                right.processor() / left.processor(),
                1e3 * left.clock(),
                1e3 * right.clock(),
                1e3 * left.processor(),
                1e3 * right.processor());
    }
}
