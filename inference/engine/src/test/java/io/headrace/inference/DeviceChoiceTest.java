package io.headrace.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The choice of a device among those of a list. */
class DeviceChoiceTest {

    private static final String NO_DRIVER = "NVIDIA's driver was not found";
    private static final String NO_LOADER = "the Vulkan loader was not found";

    @Test
    void autoTakesAnNvidiaGpuBeforeAnyOther() {
        var found = found(gpus(Device.Kind.CUDA, 2), gpus(Device.Kind.VULKAN, 1));
        DeviceChoice choice = DeviceChoice.of(Device.AUTO, found);
        assertThat(choice.device()).hasToString("cuda:0");
        assertThat(choice.reason()).isEqualTo("GPU 0, one of 2 of its kind");
    }

    @Test
    void autoTakesTheGpuThatFlinkNamesAndAnotherWhereThatOneIsNotThere() {
        var found = found(gpus(Device.Kind.CUDA, 3), DevicesFound.none(NO_LOADER));
        assertThat(DeviceChoice.of(new Device(Device.Kind.AUTO, 2), found).device())
                .hasToString("cuda:2");
        assertThat(DeviceChoice.of(new Device(Device.Kind.AUTO, 3), found).device())
                .isEqualTo(Device.CPU);
    }

    @Test
    void autoTakesAGpuWithVulkanWhereThereIsNoOther() {
        var found = found(DevicesFound.none(NO_DRIVER), gpus(Device.Kind.VULKAN, 1));
        assertThat(DeviceChoice.of(Device.AUTO, found).device()).hasToString("vulkan:0");
    }

    @Test
    void autoFallsBackToTheProcessorAndSaysWhy() {
        var found = found(DevicesFound.none(NO_DRIVER), DevicesFound.none(NO_LOADER));
        assertThat(DeviceChoice.of(Device.AUTO, found))
                .isEqualTo(new DeviceChoice(Device.CPU, NO_DRIVER + "; " + NO_LOADER));
    }

    @Test
    void aGpuInTheProcessorIsTakenOnlyByName() {
        DevicesFound integrated =
                new DevicesFound(
                        List.of(new DeviceInfo(Device.gpu(Device.Kind.VULKAN, 0), "chip", true)),
                        "");
        var found = found(DevicesFound.none(NO_DRIVER), integrated);
        assertThat(DeviceChoice.of(Device.AUTO, found).device()).isEqualTo(Device.CPU);
        assertThat(DeviceChoice.of(Device.of("vulkan"), found).device()).hasToString("vulkan:0");
    }

    @Test
    void whatIsAskedForByNameIsNeverReplaced() {
        var found = found(DevicesFound.none(NO_DRIVER), gpus(Device.Kind.VULKAN, 1));
        assertThatThrownBy(() -> DeviceChoice.of(Device.of("cuda"), found))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage(
                        "Device cuda cannot be used: NVIDIA's driver was not found; or write device"
                                + " auto, which falls back to the processor.");
    }

    @Test
    void aNumberThatIsNotThereIsToldWithThoseThatAre() {
        var found = found(gpus(Device.Kind.CUDA, 2), DevicesFound.none(NO_LOADER));
        assertThat(DeviceChoice.of(Device.of("cuda:1"), found).device()).hasToString("cuda:1");
        assertThatThrownBy(() -> DeviceChoice.of(Device.of("cuda:2"), found))
                .hasMessage(
                        "Device cuda:2 is not there; there are cuda:0 (GPU 0), cuda:1 (GPU 1).");
    }

    @Test
    void theProcessorNeedsNoLookAtGpus() {
        Function<Device.Kind, DevicesFound> never =
                kind -> {
                    throw new AssertionError("looked for " + kind);
                };
        assertThat(DeviceChoice.of(Device.CPU, never).device()).isEqualTo(Device.CPU);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "cpu", "cuda", "cuda:0", "cuda:15", "vulkan", "vulkan:1"})
    void aDeviceIsReadAsItIsWritten(String text) {
        assertThat(Device.of(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "CUDA", "cpu:1", "cuda:", "cuda:-1", "cuda:1000", "cuda 1"})
    void whatIsNoDeviceIsRefusedWithThoseThatAre(String text) {
        assertThatThrownBy(() -> Device.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("auto, cpu, cuda, cuda:N, vulkan or vulkan:N");
    }

    private static Function<Device.Kind, DevicesFound> found(
            DevicesFound cuda, DevicesFound vulkan) {
        return Map.of(Device.Kind.CUDA, cuda, Device.Kind.VULKAN, vulkan)::get;
    }

    private static DevicesFound gpus(Device.Kind kind, int count) {
        List<DeviceInfo> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(new DeviceInfo(Device.gpu(kind, i), "GPU " + i, false));
        }
        return new DevicesFound(devices, "");
    }
}
