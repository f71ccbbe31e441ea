package io.headrace.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.inference.Device;
import io.headrace.inference.DevicesFound;
import io.headrace.inference.testing.GpuTrial;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** llama.cpp's real library for this kind of GPU, with its driver and without. */
class VulkanLibraryTest {

    private static final Device.Kind KIND = Device.Kind.VULKAN;

    @TempDir private static Path folder;

    private static GpuTrial trial;
    private static DevicesFound found;

    @BeforeAll
    static void look() {
        trial = new GpuTrial(folder, KIND);
        found = trial.found();
    }

    @Test
    void withoutItsDriverItIsRefusedWithWhatIsMissingAndWhatToDo() {
        assumeTrue(found.devices().isEmpty(), "here is a GPU of kind " + KIND);
        assumeTrue(found.obstacle().contains("was not found"), found.obstacle());
        assertThat(found.obstacle()).contains("libvulkan.so.1").contains("install");
        trial.assertRefused("the Vulkan loader was not found", "libvulkan.so.1");
    }

    @Test
    void withoutAGpuAutoAnswersOnTheProcessor() {
        assumeTrue(found.devices().isEmpty(), "here is a GPU of kind " + KIND);
        trial.assertFallsBack();
    }

    @Test
    void aGpuGivesTheProcessorsProbabilities() {
        assumeTrue(!found.devices().isEmpty(), "not tried, no GPU: " + found.obstacle());
        trial.assertComputesAsTheProcessor();
    }
}
