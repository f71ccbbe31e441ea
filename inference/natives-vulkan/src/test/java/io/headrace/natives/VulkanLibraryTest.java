package io.headrace.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headrace.inference.Device;
import io.headrace.inference.DevicesFound;
import io.headrace.inference.llama.SystemLibraries;
import io.headrace.inference.testing.GpuTrial;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** llama.cpp's real library for this kind of GPU, with its driver and without. */
class VulkanLibraryTest {

    private static final Device.Kind KIND = Device.Kind.VULKAN;

    private static final String DRIVER = "libvulkan.so.1";

    @TempDir private static Path folder;

    private static GpuTrial trial;
    private static DevicesFound found;

    @BeforeAll
    static void look() {
        trial = new GpuTrial(folder, KIND);
        found = trial.found();
    }

    @Test
    void theLibraryIsInTheJar() {
        assertThat(getClass().getResource("linux-x64-vulkan/libggml-vulkan.so")).isNotNull();
    }

    @Test
    void withoutItsDriverItIsRefusedWithWhatIsMissingAndWhatToDo() {
        assumeTrue(!SystemLibraries.has(DRIVER), "here is " + DRIVER);
        assertThat(found.devices()).isEmpty();
        assertThat(found.obstacle()).contains(DRIVER).contains("install");
        trial.assertRefused("the Vulkan loader was not found", DRIVER);
    }

    @Test
    void withItsDriverButWithoutAGpuItIsRefusedWithWhy() {
        assumeTrue(SystemLibraries.has(DRIVER), "not tried, no " + DRIVER);
        assumeTrue(found.devices().isEmpty(), "here is a GPU of kind " + KIND);
        assertThat(found.obstacle()).isNotBlank().doesNotContain(DRIVER);
        trial.assertRefused(found.obstacle());
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
