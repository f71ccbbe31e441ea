package io.headrace.inference.llama;

import io.headrace.inference.Device;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A library of llama.cpp for GPUs.
 *
 * @param kind the GPUs
 * @param resources where it is packaged
 * @param module the module whose jar holds it
 * @param needs what it needs on the machine
 */
record GpuLibrary(Device.Kind kind, String resources, String module, List<Need> needs) {

    private static final Need NVIDIA_DRIVER =
            new Need(
                    List.of("libcuda.so.1"),
                    "NVIDIA's driver",
                    "install the driver; in a container have it passed in (docker run --gpus all,"
                            + " in Kubernetes a limit of nvidia.com/gpu)");

    /** In the order in which they are tried. */
    private static final List<GpuLibrary> ALL =
            List.of(
                    new GpuLibrary(
                            Device.Kind.CUDA,
                            "linux-x64-cuda13",
                            "natives-cuda",
                            List.of(NVIDIA_DRIVER, cudaRuntime("13", "13-0"))),
                    new GpuLibrary(
                            Device.Kind.CUDA,
                            "linux-x64-cuda12",
                            "natives-cuda12",
                            List.of(NVIDIA_DRIVER, cudaRuntime("12", "12-9"))),
                    new GpuLibrary(
                            Device.Kind.VULKAN,
                            "linux-x64-vulkan",
                            "natives-vulkan",
                            List.of(
                                    new Need(
                                            List.of("libvulkan.so.1"),
                                            "the Vulkan loader",
                                            "install it with the GPU's driver (on Debian and Ubuntu"
                                                    + " libvulkan1)"))));

    private static Need cudaRuntime(String major, String packages) {
        return new Need(
                List.of("libcudart.so." + major, "libcublas.so." + major),
                "the CUDA " + major + " runtime",
                "install NVIDIA's packages cuda-cudart-"
                        + packages
                        + " and libcublas-"
                        + packages
                        + ", take an image nvidia/cuda:"
                        + major
                        + "…-runtime, or name the folder of these files in LD_LIBRARY_PATH");
    }

    /**
     * Libraries that must be on the machine.
     *
     * @param files their names
     * @param whose what they belong to
     * @param advice how to come by them
     */
    record Need(List<String> files, String whose, String advice) {

        private String missing(Predicate<String> isThere) {
            String missing =
                    files.stream().filter(isThere.negate()).collect(Collectors.joining(", "));
            return missing.isEmpty() ? "" : whose + " was not found (" + missing + "): " + advice;
        }
    }

    /** Returns those for a kind of device. */
    static List<GpuLibrary> of(Device.Kind kind) {
        return ALL.stream().filter(each -> each.kind == kind).toList();
    }

    /** Returns the jar that holds it. */
    String jar() {
        return "headrace-inference-" + module + ".jar";
    }

    /** Returns what is missing on the machine, with advice; empty if nothing is. */
    String missing(Predicate<String> isThere) {
        return needs.stream()
                .map(need -> need.missing(isThere))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
    }
}
