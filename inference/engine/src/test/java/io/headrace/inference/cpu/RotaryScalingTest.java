package io.headrace.inference.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.llama.LlamaLoadedModel;
import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.GgufWriter;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models with stretched positions, behind the context that they were trained for. */
@Timeout(60)
class RotaryScalingTest {

    private static final int ORIGINAL = 64;
    private static final int TOKENS = 160;

    /**
     * As in {@link CpuModelTest}: weights are taken as they are stored, and llama.cpp's are too.
     */
    private static final double AGAINST_LLAMA_CPP = 1.2;

    @TempDir private static Path folder;

    @BeforeAll
    static void assumePresent() {
        OwnEngine.assumePresent();
    }

    @ParameterizedTest
    @CsvSource({
        "yarn, 4, 1",
        "yarn, 16, 1",
        "yarn, 4, 0.8",
        "yarn, 0.5, 1",
        "linear, 4, 1",
        "linear, 4, 1.3",
        "none, 4, 1.3"
    })
    void logitsAreAsNearToTheFloatReferenceAsThoseOfLlamaCpp(
            String type, float factor, float magnitude) throws Exception {
        Path file = folder.resolve("scaled.gguf");
        writer(magnitude).write(file);
        float[][] unscaled = ours(file);
        GgufWriter writer = writer(magnitude);
        scale(writer, "llama", type, factor);
        writer.write(file);
        float[][] ours = ours(file);
        float[][] theirs = theirs(file);
        float[][] expected = expected(file);
        double error = behindOriginal(ours, expected);
        double bound = AGAINST_LLAMA_CPP * behindOriginal(theirs, expected);
        System.out.printf("%s by %s: %.4f of %.4f%n", type, factor, error, bound);
        assertThat(error).isLessThan(bound);
        if (!type.equals("none")) {
            assertThat(behindOriginal(ours, unscaled)).isGreaterThan(10 * error);
        }
    }

    @Test
    void qwenIsScaledByYarnToo() throws Exception {
        Path file = folder.resolve("qwen.gguf");
        GgufWriter writer = Family.QWEN_3.writer(11, Family.WIDTH);
        scale(writer.put("qwen3.rope.freq_base", 100f), "qwen3", "yarn", 4);
        writer.write(file);
        // The weights are floats, of which ours are rounded.
        assertThat(behindOriginal(ours(file), theirs(file))).isLessThan(0.05);
    }

    @Test
    void otherScalingsAreRefusedByName() throws Exception {
        Path file = folder.resolve("long.gguf");
        TinyModels.writer(5, ModelShape.TINY)
                .put("llama.rope.scaling.type", "longrope")
                .write(file);
        assertThatThrownBy(() -> CpuShape.of(GgufReader.read(file)))
                .isInstanceOf(CpuShape.UnsupportedException.class)
                .hasMessage("its positions are scaled by longrope");
    }

    private static void scale(GgufWriter writer, String kind, String type, float factor) {
        writer.put(kind + ".rope.scaling.type", type)
                .put(kind + ".rope.scaling.factor", factor)
                .put(kind + ".rope.scaling.original_context_length", ORIGINAL);
    }

    private static GgufWriter writer(float magnitude) {
        ModelShape shape =
                new ModelShape(2, 128, 4, 2, 224, 500, 4096, TensorType.Q8_0, TensorType.Q8_0);
        return TinyModels.writer(5, shape)
                .put("llama.rope.freq_base", 100f)
                .put("llama.rope.scaling.attn_factor", magnitude);
    }

    private static float[][] ours(Path file) {
        return Steps.logits(CpuLoadedModel.load(Steps.options(file)), file, tokens(), 32);
    }

    private static float[][] theirs(Path file) {
        return Steps.logits(LlamaLoadedModel.load(Steps.options(file)), file, tokens(), 32);
    }

    private static int[] tokens() {
        return Steps.randomTokens(TOKENS, 500, 3);
    }

    private static double behindOriginal(float[][] some, float[][] others) {
        return Steps.meanDifference(
                Arrays.copyOfRange(some, ORIGINAL, TOKENS),
                Arrays.copyOfRange(others, ORIGINAL, TOKENS));
    }

    private static float[][] expected(Path file) throws Exception {
        FloatReference reference = new FloatReference(GgufReader.read(file), TOKENS);
        float[][] expected = new float[TOKENS][];
        for (int i = 0; i < TOKENS; i++) {
            expected[i] = reference.append(tokens()[i]);
        }
        return expected;
    }
}
