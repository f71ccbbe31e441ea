package io.headrace.inference.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.Backend;
import io.headrace.inference.CacheType;
import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.gguf.GgufReader;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.llama.LlamaLoadedModel;
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

/** Keys and values in eight bits. */
@Timeout(60)
class CacheTypeTest {

    private static final int TOKENS = 100;

    /** Both round keys and values in groups of 32; llama.cpp rounds queries too. */
    private static final double AGAINST_LLAMA_CPP = 1.2;

    @TempDir private static Path folder;
    private static Path file;
    private static EngineOptions bytes;
    private static int[] tokens;

    @BeforeAll
    static void write() {
        OwnEngine.assumePresent();
        file = model("model.gguf", 3);
        bytes = Steps.options(file).withCacheType(CacheType.Q8);
        tokens = Steps.randomTokens(TOKENS, 500, 3);
    }

    private static Path model(String name, int heads) {
        ModelShape shape =
                new ModelShape(2, 96, heads, 1, 224, 500, 4096, TensorType.Q8_0, TensorType.Q8_0);
        return TinyModels.llama(folder.resolve(name), 5, shape);
    }

    @Test
    void errorIsNotMoreThanLlamaCppsAndTheSameBitsOnAllInstructionSetsAndInAllSteps()
            throws Exception {
        FloatReference reference = new FloatReference(GgufReader.read(file), TOKENS);
        float[][] expected = new float[TOKENS][];
        for (int i = 0; i < TOKENS; i++) {
            expected[i] = reference.append(tokens[i]);
        }
        LlamaLoadedModel llama = LlamaLoadedModel.load(bytes);
        double theirs = Steps.meanDifference(Steps.logits(llama, bytes, tokens, 7), expected);
        float[][] first = ours("plain", bytes, 7);
        double error = Steps.meanDifference(first, expected);
        double inHalves = Steps.meanDifference(ours("plain", Steps.options(file), 7), expected);
        System.out.printf(
                "in q8 %.4f, in f16 %.4f, llama.cpp in q8 %.4f%n", error, inHalves, theirs);
        assertThat(error).isLessThan(AGAINST_LLAMA_CPP * theirs).isNotEqualTo(inHalves);
        for (String instructionSet : Steps.instructionSets().toList()) {
            for (int size : new int[] {1, 7, 64}) {
                assertThat(Arrays.deepEquals(ours(instructionSet, bytes, size), first))
                        .as("%s in steps of %d", instructionSet, size)
                        .isTrue();
            }
        }
    }

    @Test
    void llamaCppKeepsThemInEightBitsToo() {
        float[][] inBytes = Steps.logits(LlamaLoadedModel.load(bytes), bytes, tokens, 7);
        float[][] inHalves = Steps.logits(LlamaLoadedModel.load(bytes), file, tokens, 7);
        assertThat(Steps.meanDifference(inBytes, inHalves)).isBetween(1e-4, 0.1);
    }

    @ParameterizedTest
    @EnumSource
    void headsThatAreNoMultipleOf32AreRefusedWithWhatToDo(Backend backend) {
        EngineOptions narrow =
                EngineOptions.of(model("narrow.gguf", 2))
                        .withBackend(backend)
                        .withCacheType(CacheType.Q8);
        assertThatThrownBy(() -> Engines.open(narrow))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("use cacheType f16");
    }

    @Test
    void takesLittleMoreThanHalfTheBytes() {
        assertThat(CacheType.Q8.bytes(6400)).isEqualTo(3400);
        assertThat(CacheType.F16.bytes(6400)).isEqualTo(6400);
    }

    private static float[][] ours(String instructionSet, EngineOptions options, int size) {
        return Steps.logits(CpuLoadedModel.load(options, instructionSet), options, tokens, size);
    }
}
