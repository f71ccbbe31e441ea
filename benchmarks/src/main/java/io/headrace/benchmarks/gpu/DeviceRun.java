package io.headrace.benchmarks.gpu;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.benchmarks.RecordingRunner;
import io.headrace.benchmarks.Workload;
import io.headrace.inference.Device;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.EngineStats;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import io.headrace.inference.runtime.LocalEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** One model on one device: the workloads through the engine, and their batches in a bare loop. */
final class DeviceRun implements AutoCloseable {

    private final EngineOptions options;
    private final int records;
    private final int rounds;
    private final ModelRunner bare;
    private final RecordingRunner recording;
    private final InferenceEngine engine;
    private final Workload work;
    private final double loadSeconds;
    private final Optional<GpuLoad> load;

    DeviceRun(EngineOptions asked, int records, int rounds) {
        this.options = withNumber(asked).sized();
        this.records = records;
        this.rounds = rounds;
        long begin = System.nanoTime();
        LlamaLoadedModel model = LlamaLoadedModel.load(options);
        EngineOptions cached = withCache(options);
        this.bare = model.newRunner(cached);
        this.recording = new RecordingRunner(model.newRunner(cached));
        this.engine = new LocalEngine(model, recording, cached);
        this.loadSeconds = (System.nanoTime() - begin) / 1e9;
        this.work = new Workload(engine, records, 11);
        this.load =
                options.device().kind() == Device.Kind.CUDA
                        ? GpuLoad.of(options.device().index())
                        : Optional.empty();
    }

    private static EngineOptions withNumber(EngineOptions asked) {
        Device device = asked.device();
        return device.kind().isGpu() && device.number().isEmpty()
                ? asked.withDevice(Device.gpu(device.kind(), 0))
                : asked;
    }

    private static EngineOptions withCache(EngineOptions options) {
        boolean open = options.cacheTokens() == 0 && options.device().kind().isGpu();
        return open
                ? options.withCacheTokens(Math.max(4096, 256 * options.maxSequences()))
                : options;
    }

    void measure(ObjectNode node, Runnable save) {
        node.put("loadSeconds", loadSeconds);
        node.put("sequences", options.maxSequences());
        node.put("batchTokens", options.maxBatchTokens());
        ObjectNode workloads = node.putObject("workloads");
        Workload.rounds()
                .forEach(
                        (name, tasks) -> {
                            measure(workloads.putObject(name), tasks);
                            save.run();
                        });
    }

    /** The first round warms up and is not counted. */
    private void measure(ObjectNode node, Function<Workload, List<InferenceRequest>> tasks) {
        List<double[]> results = new ArrayList<>();
        run(engine, work, tasks);
        replay();
        load.ifPresent(GpuLoad::take);
        for (int round = 0; round < rounds; round++) {
            EngineStats before = engine.stats();
            double seconds = run(engine, work, tasks);
            EngineStats after = engine.stats();
            // Only while the engine runs: the loop below is not its load.
            Optional<GpuLoad.Figures> figures = load.flatMap(GpuLoad::take);
            double loop = replay();
            load.ifPresent(GpuLoad::take);
            double java = after.javaNanos() - before.javaNanos();
            double step = after.stepNanos() - before.stepNanos();
            results.add(
                    new double[] {
                        records / seconds,
                        (after.rows() - before.rows()) / seconds,
                        (after.outputTokens() - before.outputTokens()) / seconds,
                        java / (java + step),
                        (double) (after.rows() - before.rows()) / (after.steps() - before.steps()),
                        loop / seconds,
                        figures.map(GpuLoad.Figures::busyShare).orElse(Double.NaN),
                        figures.map(GpuLoad.Figures::memoryMebibytes).orElse(Double.NaN)
                    });
        }
        String[] names = {
            "recordsPerSecond",
            "rowsPerSecond",
            "outputTokensPerSecond",
            "javaShare",
            "rowsPerStep",
            "engineToBareLoop",
            "gpuBusyShare",
            "gpuMemoryMebibytes"
        };
        for (int i = 0; i < names.length; i++) {
            double median = median(results, i);
            if (!Double.isNaN(median)) {
                node.put(names[i], median);
            }
        }
    }

    /**
     * Computes the batches since the last call again, with nothing between them, so that its cache
     * holds what the engine's does; returns seconds.
     */
    private double replay() {
        List<StepPlan> plans = recording.takePlans();
        long begin = System.nanoTime();
        for (StepPlan plan : plans) {
            if (bare.execute(plan) instanceof StepResult.Failed failed) {
                throw new IllegalStateException("the bare loop failed: " + failed.reason());
            }
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double run(
            InferenceEngine engine,
            Workload work,
            Function<Workload, List<InferenceRequest>> tasks) {
        List<InferenceRequest> requests = tasks.apply(work);
        long begin = System.nanoTime();
        List<CompletableFuture<InferenceResult>> results = new ArrayList<>();
        requests.forEach(request -> results.add(engine.submit(request).toCompletableFuture()));
        for (CompletableFuture<InferenceResult> result : results) {
            if (!(result.join() instanceof InferenceResult.Completed)) {
                throw new IllegalStateException("a request ended as " + result.join());
            }
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    /** Classify on the processor, by what computes fastest there. */
    static void compareClassify(ObjectNode node, EngineOptions processor, int records) {
        try (InferenceEngine engine = Engines.open(processor)) {
            Workload work = new Workload(engine, records, 11);
            Function<Workload, List<InferenceRequest>> classify = Workload.rounds().get("classify");
            run(engine, work, classify);
            double perSecond = records / run(engine, work, classify);
            node.put("twoCoreEngine", engine.model().engine());
            node.put("twoCoreClassifyRecordsPerSecond", perSecond);
            node.put(
                    "classifyToTwoCores",
                    node.at("/workloads/classify/recordsPerSecond").asDouble() / perSecond);
        }
    }

    private static double median(List<double[]> rows, int column) {
        double[] sorted = rows.stream().mapToDouble(row -> row[column]).sorted().toArray();
        return Arrays.stream(sorted, sorted.length / 2, sorted.length / 2 + 1).sum();
    }

    @Override
    public void close() {
        load.ifPresent(GpuLoad::close);
        // Before the engine, which frees the weights.
        bare.close();
        engine.close();
    }
}
