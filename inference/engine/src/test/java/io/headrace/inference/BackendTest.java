package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.cpu.OwnEngine;
import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.testing.Adapters;
import io.headrace.inference.testing.Family;
import io.headrace.inference.testing.GgufWriter;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which engine computes a model. */
class BackendTest {

    @TempDir private static Path folder;
    private static Path quantized;

    @BeforeAll
    static void write() {
        OwnEngine.assumePresent();
        quantized = model("quantized.gguf", TensorType.Q8_0);
    }

    @Test
    void autoTakesOurOwnForQuantizedWeightsWhereItWasMeasured() {
        String expected = OwnEngine.isMeasured() ? "headrace" : "llama.cpp";
        assertThat(engine(EngineOptions.of(quantized))).isEqualTo(expected);
    }

    @Test
    void autoDoesNotRoundWeightsThatTheFileDoesNot() {
        Path whole = model("whole.gguf", TensorType.F32);
        assertThat(engine(EngineOptions.of(whole))).isEqualTo("llama.cpp");
        assertThat(engine(EngineOptions.of(whole).withBackend(Backend.HEADRACE)))
                .isEqualTo("headrace");
    }

    @Test
    void autoTakesOurOwnForAModelInSeveralFilesToo() throws Exception {
        Path first = TinyModels.writer(3, SHAPE).writeSplit(folder, "split", 3);
        assertThat(engine(EngineOptions.of(first)))
                .isEqualTo(OwnEngine.isMeasured() ? "headrace" : "llama.cpp");
    }

    @Test
    void theWantedEngineIsTaken() {
        for (Backend backend : new Backend[] {Backend.HEADRACE, Backend.LLAMA_CPP}) {
            assertThat(engine(EngineOptions.of(quantized).withBackend(backend)))
                    .isEqualTo(backend.written());
        }
    }

    @Test
    void ourOwnRefusesWhatItCannotComputeWithASentence() {
        Path gemma = Family.GEMMA_2.write(folder.resolve("gemma.gguf"), 1);
        assertThatThrownBy(() -> engine(EngineOptions.of(gemma).withBackend(Backend.HEADRACE)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("this one is gemma2; use engine llama.cpp or auto.");
        assertThat(engine(EngineOptions.of(gemma))).isEqualTo("llama.cpp");
    }

    @Test
    void adaptersOfMatricesRunOnOurOwnAndOthersOnLlamaCpp() throws Exception {
        Path matrices = Adapters.whole(folder.resolve("matrices.gguf"), 1, SHAPE);
        EngineOptions adapted = EngineOptions.of(quantized).withAdapters(Map.of("a", matrices));
        assertThat(engine(adapted)).isEqualTo(OwnEngine.isMeasured() ? "headrace" : "llama.cpp");
        GgufWriter llama = Family.LLAMA_2.writer(1, Family.WIDTH);
        Path head = folder.resolve("head.gguf");
        Adapters.writer(llama, 1, Set.of("output")).write(head);
        EngineOptions other =
                EngineOptions.of(Family.LLAMA_2.write(folder.resolve("llama.gguf"), 1))
                        .withAdapters(Map.of("a", head));
        assertThat(Placement.of(other, same -> false).options().backend())
                .isEqualTo(Backend.LLAMA_CPP);
        assertThatThrownBy(() -> engine(other.withBackend(Backend.HEADRACE)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("head.gguf does not fit: it changes output.weight");
    }

    @Test
    void anUnknownEngineIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Backend.of("gpu"))
                .hasMessage("engine must be one of auto, headrace, llama.cpp, not 'gpu'");
    }

    private static String engine(EngineOptions options) {
        try (InferenceEngine engine = Engines.open(options.withContextTokens(128))) {
            return engine.model().engine();
        }
    }

    private static final ModelShape SHAPE = shape(TensorType.Q8_0);

    private static ModelShape shape(TensorType type) {
        return new ModelShape(1, 64, 4, 2, 128, 512, 4096, type, type);
    }

    private static Path model(String name, TensorType type) {
        return TinyModels.llama(folder.resolve(name), 3, shape(type));
    }
}
