package io.headrace.inference.logits;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import io.headrace.inference.ModelLoadException;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;

/**
 * The library of the CPU engine and of {@link NativeRow}, loaded once in a process. It is there
 * where the build found a C compiler for this platform. Thread-safe.
 */
public final class KernelsLibrary {

    /** {@code HR_VERSION}. */
    private static final int VERSION = 5;

    private static NativeLibrary loaded;

    private KernelsLibrary() {}

    /**
     * Loads the library, or returns what is loaded.
     *
     * @throws ModelLoadException if there is none for this platform, or it is another version's
     */
    public static synchronized NativeLibrary load() {
        if (loaded != null) {
            return loaded;
        }
        String resource = resource();
        URL url = KernelsLibrary.class.getResource(resource);
        if (url == null) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine is not in this build (looked for the resource "
                            + resource
                            + "); build with a C compiler on this platform, or use engine"
                            + " llama.cpp.");
        }
        NativeLibrary library;
        try {
            library = open(resource, url);
        } catch (IOException | LinkageError e) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine cannot be loaded on this machine ("
                            + e.getMessage()
                            + "); use engine llama.cpp.",
                    e);
        }
        int version = RowsNative.hr_version();
        if (version != VERSION) {
            throw new ModelLoadException(
                    "Headrace's own CPU engine in this build is version "
                            + version
                            + " and not "
                            + VERSION
                            + "; build again with mvn clean verify.");
        }
        loaded = library;
        return loaded;
    }

    private static NativeLibrary open(String resource, URL url) throws IOException {
        File file = Native.extractFromResourcePath(resource, KernelsLibrary.class.getClassLoader());
        if (file == null) {
            throw new IOException("JNA is told not to unpack libraries");
        }
        try {
            NativeLibrary library = NativeLibrary.getInstance(file.getPath());
            Native.register(RowsNative.class, library);
            return library;
        } finally {
            if (!url.getProtocol().equals("file")) {
                // A copy out of a jar; once it is loaded its name is not needed.
                Files.deleteIfExists(file.toPath());
            }
        }
    }

    private static String resource() {
        return "/io/headrace/kernels/" + platform() + "/libheadrace-kernels.so";
    }

    /** Returns what libraries of this platform are packaged under, such as {@code linux-x64}. */
    public static String platform() {
        String processor =
                switch (Platform.ARCH) {
                    case "x86-64" -> "x64";
                    case "aarch64" -> "arm64";
                    default -> Platform.ARCH;
                };
        String system = Platform.isMac() ? "mac" : Platform.isWindows() ? "win" : "linux";
        return system + "-" + processor;
    }
}
