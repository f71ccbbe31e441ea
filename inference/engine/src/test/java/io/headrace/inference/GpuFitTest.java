package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.testing.Adapters;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which cache a GPU gets, by what it has free. */
class GpuFitTest {

    private static final long GIB = 1L << 30;

    @TempDir private static Path folder;

    private static EngineOptions options;

    @BeforeAll
    static void writeModel() {
        options =
                EngineOptions.of(TinyModels.llama(folder.resolve("tiny.gguf"), 1))
                        .withContextTokens(512)
                        .withDevice(Device.gpu(Device.Kind.CUDA, 0))
                        .sized();
    }

    @Test
    void aGpuTakesMoreRequestsAndLargerStepsUnlessTheUserSaysHowMany() {
        assertThat(options.maxSequences()).isEqualTo(64);
        assertThat(options.maxBatchTokens()).isEqualTo(1024);
        assertThat(options.withMaxSequences(3).sized().maxSequences()).isEqualTo(3);
        EngineOptions processor =
                EngineOptions.of(options.modelPath()).withDevice(Device.CPU).sized();
        assertThat(processor.maxSequences()).isEqualTo(16);
        assertThat(processor.maxBatchTokens()).isEqualTo(512);
    }

    @Test
    void theCacheHasRoomForARecordOfEachRequestWhereMemoryAllows() {
        GpuFit fit = fit(options, 4 * GIB);
        assertThat(fit.obstacle()).isEmpty();
        assertThat(fit.options().cacheCells()).isEqualTo(64 * 256);
    }

    @Test
    void theCacheShrinksToWhatFitsDownToTwoContexts() {
        long least = estimate(1024).total();
        long half = estimate(8192).total();
        assertThat(fit(options, half).options().cacheCells()).isEqualTo(8192);
        GpuFit small = fit(options, least);
        assertThat(small.obstacle()).isEmpty();
        assertThat(small.options().cacheCells()).isEqualTo(1024);
    }

    @Test
    void whatDoesNotFitIsToldWithWhatIsNeededAndWhatIsFree() {
        GpuFit fit = fit(options, estimate(1024).total() - 1);
        assertThat(fit.obstacle().orElseThrow())
                .matches(
                        "0\\.5 GiB \\(weights 0\\.0 GiB, KV cache 0\\.0 GiB, computing 0\\.5 GiB\\)"
                                + " is needed, and of its 8\\.0 GiB 0\\.5 GiB are free; use fewer"
                                + " contextTokens, a smaller quantization of the model, or another"
                                + " device");
    }

    @Test
    void weightsThatAreThereAlreadyNeedNoFurtherRoom() {
        long free = estimate(1024).withoutWeights().total();
        DeviceMemory memory = new DeviceMemory(free, 8 * GIB);
        assertThat(GpuFit.of(options, memory, true).obstacle()).isEmpty();
        assertThat(GpuFit.of(options, memory, false).obstacle()).isPresent();
    }

    @Test
    void adaptersNeedRoomAlsoWhereTheWeightsAreThere() {
        EngineOptions adapted =
                options.withCacheTokens(1024)
                        .withAdapters(
                                Map.of(
                                        "refunds",
                                        Adapters.lora(
                                                folder.resolve("lora.gguf"), 2, ModelShape.TINY)));
        int width = ModelShape.TINY.width();
        long numbers = 4L * (width + width) + 4L * (width + ModelShape.TINY.feedForward());
        long bytes = MemoryEstimate.adapterBytes(adapted);
        assertThat(bytes).isEqualTo(4L * ModelShape.TINY.layers() * numbers);

        long needed =
                MemoryEstimate.of(ModelInspection.of(options.modelPath()), bytes, adapted)
                        .withoutWeights()
                        .total();
        assertThat(needed).isGreaterThan(estimate(1024).withoutWeights().total() + bytes);
        assertThat(GpuFit.of(adapted, new DeviceMemory(needed, 8 * GIB), true).obstacle())
                .isEmpty();
        assertThat(GpuFit.of(adapted, new DeviceMemory(needed - 1, 8 * GIB), true).obstacle())
                .hasValueSatisfying(why -> assertThat(why).contains(", adapters 0.0 GiB, KV"));
    }

    @Test
    void aCacheThatTheUserSizedIsNotChanged() {
        assertThat(fit(options.withCacheTokens(600), 4 * GIB).options().cacheCells())
                .isEqualTo(600);
    }

    @Test
    void aDriverThatDoesNotTellItsMemoryIsBelievedToHaveEnough() {
        assertThat(GpuFit.of(options, new DeviceMemory(0, 0), false).obstacle()).isEmpty();
    }

    @Test
    void ourOwnEngineIsNotOpenedOnAGpu() {
        assertThatThrownBy(() -> Engines.open(options.withBackend(Backend.HEADRACE)))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage(
                        "Headrace's own CPU engine computes on the processor, not on cuda:0; use"
                                + " engine llama.cpp or auto, or device cpu.");
    }

    @Test
    void aGpuWithoutItsLibraryIsRefusedWithTheJarThatHoldsIt() {
        assertThatThrownBy(() -> Engines.open(options))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("headrace-inference-natives-cuda.jar into Flink's lib")
                .hasMessageContaining("or write device auto");
    }

    private static GpuFit fit(EngineOptions options, long free) {
        return GpuFit.of(options, new DeviceMemory(free, 8 * GIB), false);
    }

    private static MemoryEstimate estimate(int cells) {
        return MemoryEstimate.of(
                ModelInspection.of(options.modelPath()), 0, options.withCacheTokens(cells));
    }
}
