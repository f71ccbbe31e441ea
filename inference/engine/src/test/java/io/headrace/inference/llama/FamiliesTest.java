package io.headrace.inference.llama;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.inference.EngineOptions;
import io.headrace.inference.Engines;
import io.headrace.inference.InferenceEngine;
import io.headrace.inference.InferenceRequest;
import io.headrace.inference.InferenceResult.Generated;
import io.headrace.inference.Output;
import io.headrace.inference.Prompt;
import io.headrace.inference.Sampling;
import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.GgufWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every family that users run, through all of llama.cpp, against a loop without the engine. */
@Timeout(120)
class FamiliesTest {

    private static final long SEED = Long.getLong("headrace.test.seed", 11);

    @TempDir private static Path folder;

    @ParameterizedTest
    @EnumSource
    void everyFamilyGeneratesWhatABareLoopGenerates(Family family) throws Exception {
        Path file = family.write(folder.resolve(family + ".gguf"), SEED);
        new FamilyAssert(file, 0.02f).generatesWhatABareLoopGenerates();
    }

    /** Numbers are llama.cpp's {@code llama_ftype}. */
    @ParameterizedTest
    @CsvSource({
        "LLAMA_2, F16, 1",
        "QWEN_3, BF16, 32",
        "GEMMA_3, Q8_0, 7",
        "LLAMA_3, Q6_K, 18",
        "MISTRAL, Q5_K_M, 17",
        "LLAMA_3, Q4_K_M, 15",
        "LLAMA_3_1, Q4_0, 2",
        "QWEN_2, IQ4_NL, 25",
        "GEMMA_2, IQ4_XS, 30",
    })
    void everyCommonQuantizationGeneratesWhatABareLoopGenerates(
            Family family, String name, int fileType) throws Exception {
        Path whole = folder.resolve(name + ".f32.gguf");
        family.writer(12, 256).write(whole);
        Path file = Quantization.quantize(whole, folder.resolve(name + ".gguf"), fileType);
        new FamilyAssert(file, 0.1f).generatesWhatABareLoopGenerates();
    }

    @Test
    void aSplitModelIsTheModel() throws Exception {
        Path whole = Family.QWEN_2.write(folder.resolve("whole.gguf"), 13);
        GgufWriter same = Family.QWEN_2.writer(13, Family.WIDTH);
        Path first = same.writeSplit(folder, "split", 3);
        assertThat(generate(first)).isEqualTo(generate(whole)).isNotEmpty();
        new FamilyAssert(first, 0.02f).generatesWhatABareLoopGenerates();
    }

    /** Llama 4 attends to chunks of 8192 tokens on three of four layers. */
    @Test
    void attentionInChunksIsTheBareLoopsBehindTheFirstChunkToo() throws Exception {
        Path file = Family.LLAMA_4.write(folder.resolve("chunks.gguf"), 11);
        new FamilyAssert(file, 0.02f).continuesALongText(8192);
    }

    private static String generate(Path file) throws Exception {
        try (InferenceEngine engine = Engines.open(EngineOptions.of(file).withContextTokens(256))) {
            return generate(engine, new Prompt("go on", List.of("where is my card")), 32);
        }
    }

    private static String generate(InferenceEngine engine, Prompt prompt, int tokens)
            throws Exception {
        Output output = new Output.Text(tokens, List.of(), Sampling.GREEDY);
        return ((Generated)
                        engine.submit(new InferenceRequest(prompt, output))
                                .toCompletableFuture()
                                .get())
                .text();
    }
}
