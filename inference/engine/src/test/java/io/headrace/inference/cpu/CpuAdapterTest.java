package io.headrace.inference.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.runner.ModelRunner;
import io.headrace.inference.runner.StepPlan;
import io.headrace.inference.runner.StepResult;
import io.headrace.inference.runtime.LoadedModel;
import io.headrace.inference.testing.Adapters;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** LoRA adapters of all matrices of the layers. */
@Timeout(60)
class CpuAdapterTest {

    private static final int TOKENS = 40;

    /**
     * Of the mean difference of logits from llama.cpp's, as a share of their spread, times that of
     * the two without an adapter. Both round activations for the model's own matrices and neither
     * for the adapter's, which adds its own rounding to halves.
     */
    private static final double MORE_THAN_WITHOUT = 1.5;

    @TempDir private static Path folder;
    private static EngineOptions options;
    private static int[] tokens;

    @BeforeAll
    static void write() {
        OwnEngine.assumePresent();
        ModelShape shape =
                new ModelShape(2, 96, 6, 3, 160, 300, 4096, TensorType.Q8_0, TensorType.Q8_0);
        Path model = TinyModels.llama(folder.resolve("model.gguf"), 8, shape);
        Path adapter = Adapters.whole(folder.resolve("adapter.gguf"), 2, shape);
        options = Steps.options(model).withAdapters(Map.of("a", adapter));
        tokens = Steps.randomTokens(TOKENS, 300, 4);
    }

    @Test
    void logitsAreThoseOfLlamaCpp() {
        try (LoadedModel own = CpuLoadedModel.load(options);
                LoadedModel llama = LlamaLoadedModel.load(options)) {
            float[][] plain = logits(own, 0, 7, 2);
            float[][] adapted = logits(own, 1, 7, 2);
            double without = difference(plain, logits(llama, 0, 7, 2));
            double with = difference(adapted, logits(llama, 1, 7, 2));
            System.out.printf("from llama.cpp's: %.4f, with adapter %.4f%n", without, with);
            assertThat(difference(adapted, plain)).as("what it changes").isGreaterThan(0.3);
            assertThat(with).isLessThan(MORE_THAN_WITHOUT * without);
        }
    }

    @Test
    void bitsDoNotDependOnStepsThreadsOrInstructionSets() {
        float[][] first = null;
        for (String instructionSet : Steps.instructionSets().toList()) {
            try (CpuLoadedModel model = CpuLoadedModel.load(options, instructionSet)) {
                first = first == null ? logits(model, 1, TOKENS, 1) : first;
                for (int size : new int[] {1, 3, 8, TOKENS}) {
                    assertThat(Arrays.deepEquals(logits(model, 1, size, 2), first))
                            .as("%s in steps of %d", instructionSet, size)
                            .isTrue();
                }
            }
        }
    }

    private static float[][] logits(LoadedModel model, int adapter, int size, int threads) {
        float[][] all = new float[TOKENS][300];
        try (ModelRunner runner = model.newRunner(options.withThreads(threads))) {
            for (int from = 0; from < TOKENS; from += size) {
                StepPlan plan = new StepPlan(adapter);
                int count = Math.min(size, TOKENS - from);
                for (int i = from; i < from + count; i++) {
                    plan.row(tokens[i], 0, i, true);
                }
                StepResult.Computed computed = (StepResult.Computed) runner.execute(plan);
                for (int i = 0; i < count; i++) {
                    computed.logits(i).copyTo(all[from + i]);
                }
            }
        }
        return all;
    }

    private static double difference(float[][] some, float[][] others) {
        double sum = 0;
        for (int i = 0; i < TOKENS; i++) {
            sum += Steps.difference(some[i], others[i]);
        }
        return sum / TOKENS;
    }
}
