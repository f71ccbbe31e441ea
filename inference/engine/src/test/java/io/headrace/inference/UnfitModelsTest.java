package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that llama.cpp loads and this engine cannot use: a sentence, and no crash. */
class UnfitModelsTest {

    @TempDir private static Path folder;

    @ParameterizedTest
    @CsvSource({
        "qwen35, ssm.state_size",
        "qwen3next, ssm.state_size",
        "lfm2, shortconv.l_cache",
        "rwkv7, wkv.head_size",
        "deepseek4, attention.compress_ratios",
    })
    void modelsThatKeepAStateAreRefusedBeforeTheyAreLoaded(String architecture, String key)
            throws IOException {
        GgufWriter model = of(architecture).put(architecture + "." + key, 16);
        assertRefused(model, architecture, "share beginnings", "remote engine");
    }

    @Test
    void modelsOfEmbeddingsAreRefused() throws IOException {
        assertRefused(Family.QWEN_3.writer(1, 64).put("qwen3.pooling_type", 3), "embeddings");
        assertRefused(of("gemma-embedding"), "writes no text");
    }

    /** Returns Gemma 3's tensors and numbers under another name. */
    private static GgufWriter of(String architecture) {
        GgufWriter model = Family.GEMMA_3.writer(1, 64);
        for (String key : List.copyOf(model.keys())) {
            if (key.startsWith("gemma3.")) {
                model.put(key.replace("gemma3.", architecture + "."), model.get(key));
            }
        }
        return model.put("general.architecture", architecture);
    }

    private static void assertRefused(GgufWriter model, String... parts) throws IOException {
        Path file = folder.resolve("unfit.gguf");
        model.write(file);
        EngineOptions options =
                EngineOptions.of(file).withContextTokens(256).withBackend(Backend.LLAMA_CPP);
        assertThatThrownBy(() -> Engines.open(options).close())
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContainingAll(parts);
    }
}
