package io.headrace.inference.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.Device;
import io.headrace.inference.DevicesFound;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.ServiceClass;
import io.headrace.inference.llama.LlamaDevices;
import java.nio.file.Path;
import java.util.List;

/** What the modules of GPU libraries try with the library that they hold. */
public final class GpuTrial {

    private final Path model;
    private final Device.Kind kind;

    /**
     * @param folder for a model
     * @param kind the kind of GPU whose library is on the class path
     */
    public GpuTrial(Path folder, Device.Kind kind) {
        this.model = TinyModels.llama(folder.resolve("tiny.gguf"), 7);
        this.kind = kind;
    }

    /** The GPUs that are there. */
    public DevicesFound found() {
        return LlamaDevices.find(kind, options(Device.AUTO));
    }

    /** Expects that the device is refused, in this process and in a child, for these reasons. */
    public void assertRefused(String... reasons) {
        for (boolean isolated : new boolean[] {false, true}) {
            Device named = Device.of(kind.written());
            assertThatThrownBy(() -> Engines.open(options(named).withIsolated(isolated)))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageStartingWith("Device " + named + " cannot be used: ")
                    .hasMessageContainingAll(reasons)
                    .hasMessageEndingWith(
                            "or write device auto, which falls back to the processor.");
        }
    }

    /** Expects that {@code auto} answers on the processor. */
    public void assertFallsBack() {
        try (InferenceEngine engine = Engines.open(options(Device.AUTO))) {
            assertThat(engine.model().engine()).doesNotContain(kind.written());
            assertThat(scores(engine)).hasSize(3);
        }
    }

    /** Expects the processor's probabilities from the GPU. */
    public void assertComputesAsTheProcessor() {
        double[] expected;
        try (InferenceEngine engine = Engines.open(options(Device.CPU))) {
            expected = scores(engine);
        }
        try (InferenceEngine engine = Engines.open(options(Device.of(kind.written())))) {
            assertThat(engine.model().engine()).isEqualTo("llama.cpp on " + kind.written());
            double[] actual = scores(engine);
            for (int label = 0; label < expected.length; label++) {
                assertThat(Math.abs(actual[label] - expected[label])).isLessThan(0.02);
            }
        }
    }

    private EngineOptions options(Device device) {
        return EngineOptions.of(model).withContextTokens(128).withThreads(1).withDevice(device);
    }

    private static double[] scores(InferenceEngine engine) {
        InferenceRequest request =
                new InferenceRequest(
                        new Prompt("Choose.", List.of("some text")),
                        new Output.Labels(List.of("one", "two", "three"), 1),
                        ServiceClass.LIVE);
        InferenceResult result = engine.submit(request).toCompletableFuture().join();
        assertThat(result).isInstanceOf(InferenceResult.Scores.class);
        return ((InferenceResult.Scores) result)
                .probabilities().stream().mapToDouble(Double::doubleValue).toArray();
    }
}
