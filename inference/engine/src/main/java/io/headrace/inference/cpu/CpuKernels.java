package io.headrace.inference.cpu;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import io.headrace.inference.ModelLoadException;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;

/**
 * The library of the CPU engine, loaded once in a process. It is there where the build found a C
 * compiler for this platform. Thread-safe.
 */
final class CpuKernels {

    private static boolean loaded;

    private CpuKernels() {}

    /**
     * Loads the library.
     *
     * @throws ModelLoadException if there is none for this platform, or it is another version's
     */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        String resource = resource();
        URL url = CpuKernels.class.getResource(resource);
        if (url == null) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine is not in this build (looked for the resource "
                            + resource
                            + "); build with a C compiler on this platform, or use engine"
                            + " llama.cpp.");
        }
        try {
            open(resource, url);
        } catch (IOException | LinkageError e) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine cannot be loaded on this machine ("
                            + e.getMessage()
                            + "); use engine llama.cpp.",
                    e);
        }
        int version = KernelsNative.hr_version();
        if (version != KernelsNative.VERSION) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine in this build is version "
                            + version
                            + " and not "
                            + KernelsNative.VERSION
                            + "; build again with mvn clean verify.");
        }
        loaded = true;
    }

    private static void open(String resource, URL url) throws IOException {
        File file = Native.extractFromResourcePath(resource, CpuKernels.class.getClassLoader());
        if (file == null) {
            throw new IOException("JNA is told not to unpack libraries");
        }
        try {
            Native.register(KernelsNative.class, NativeLibrary.getInstance(file.getPath()));
        } finally {
            if (!url.getProtocol().equals("file")) {
                // A copy out of a jar; once it is loaded its name is not needed.
                Files.deleteIfExists(file.toPath());
            }
        }
    }

    /**
     * Returns the name of an instruction set if this processor has it, otherwise null.
     *
     * @param name empty for the best one
     */
    static String instructionSet(String name) {
        load();
        return KernelsNative.hr_instruction_set(name);
    }

    private static String resource() {
        String processor =
                switch (Platform.ARCH) {
                    case "x86-64" -> "x64";
                    case "aarch64" -> "arm64";
                    default -> Platform.ARCH;
                };
        String system = Platform.isMac() ? "mac" : Platform.isWindows() ? "win" : "linux";
        return "/io/headrace/kernels/" + system + "-" + processor + "/libheadrace-kernels.so";
    }
}
