package io.headrace.inference.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole models on every instruction set of this processor, against floats without rounding. */
@Timeout(120)
class CpuModelTest {

    private static final int TOKENS = 40;

    /**
     * Of the mean difference of logits, as a share of their spread. Activations are rounded to 8
     * bits, and weights of other formats than Q8_0 and Q4_0 too; random weights make more of it
     * with each layer. Measured: up to 0.065 behind four layers, 0.020 behind one.
     */
    private static final double BOUND = 0.09;

    /** Where weights are taken as they are stored, llama.cpp rounds the same. Measured: 1.04. */
    private static final double AGAINST_LLAMA_CPP = 1.2;

    @TempDir private static Path folder;

    /** A model of n layers ends where the n-th of a deeper one ends: each layer is looked at. */
    @BeforeAll
    static void assumePresent() {
        OwnEngine.assumePresent();
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "Q8_0", "Q4_0"})
    void everyLayerIsWithinItsBoundOfTheFloatReference(TensorType type) throws Exception {
        for (int layers = 1; layers <= 4; layers++) {
            ModelShape shape = new ModelShape(layers, 128, 8, 2, 224, 500, 4096, type, type);
            Path file = TinyModels.llama(folder.resolve("layers.gguf"), 5, shape);
            assertWithinBound(file);
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "LLAMA_2",
                "LLAMA_3",
                "LLAMA_3_1",
                "MISTRAL",
                "MISTRAL_NEMO",
                "QWEN_2",
                "QWEN_3"
            })
    void everySupportedFamilyIsWithinTheBoundOfTheFloatReference(Family family) throws Exception {
        assertWithinBound(family.write(folder.resolve(family + ".gguf"), 11));
    }

    private static void assertWithinBound(Path file) throws Exception {
        CpuModelPlan plan = CpuModelPlan.of(GgufReader.read(file));
        boolean isRounded = plan.roundedType().isPresent();
        int[] tokens = Steps.randomTokens(TOKENS, plan.shape().vocabulary(), 3);
        FloatReference reference = new FloatReference(GgufReader.read(file), TOKENS);
        float[][] expected = new float[TOKENS][];
        for (int i = 0; i < TOKENS; i++) {
            expected[i] = reference.append(tokens[i]);
        }
        LlamaLoadedModel llama = LlamaLoadedModel.load(Steps.options(file));
        double theirs = Steps.meanDifference(Steps.logits(llama, file, tokens, 7), expected);
        float[][] first = null;
        for (String instructionSet : Steps.instructionSets().toList()) {
            float[][] logits = logits(file, instructionSet, tokens, 7);
            double error = Steps.meanDifference(logits, expected);
            if (Boolean.getBoolean("headrace.test.show")) {
                System.err.printf(
                        "%s on %s: %.4f, llama.cpp %.4f%n", file, instructionSet, error, theirs);
            }
            double bound = isRounded ? BOUND : Math.min(BOUND, AGAINST_LLAMA_CPP * theirs);
            assertThat(error).as("%s on %s", file, instructionSet).isLessThan(bound);
            first = first == null ? logits : first;
            assertThat(Arrays.deepEquals(logits, first))
                    .as("%s has the bits of plain C", instructionSet)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 13, 40})
    void bitsDoNotDependOnHowAPromptIsCutIntoSteps(int size) {
        ModelShape shape =
                new ModelShape(2, 96, 6, 3, 160, 300, 4096, TensorType.Q4_0, TensorType.Q8_0);
        Path file = TinyModels.llama(folder.resolve("cut.gguf"), 8, shape);
        int[] tokens = Steps.randomTokens(TOKENS, 300, 4);
        float[][] whole = logits(file, "", tokens, TOKENS);
        assertThat(Arrays.deepEquals(logits(file, "", tokens, size), whole)).isTrue();
    }

    @Test
    void aSplitModelHasTheBitsOfTheWholeOne() throws Exception {
        Path whole = Family.QWEN_2.write(folder.resolve("whole.gguf"), 13);
        Path first = Family.QWEN_2.writer(13, Family.WIDTH).writeSplit(folder, "split", 3);
        int[] tokens = Steps.randomTokens(TOKENS, 300, 4);
        assertThat(Arrays.deepEquals(logits(first, "", tokens, 7), logits(whole, "", tokens, 7)))
                .isTrue();
    }

    private static float[][] logits(Path file, String instructionSet, int[] tokens, int size) {
        CpuLoadedModel model = CpuLoadedModel.load(Steps.options(file), instructionSet);
        return Steps.logits(model, file, tokens, size);
    }
}
