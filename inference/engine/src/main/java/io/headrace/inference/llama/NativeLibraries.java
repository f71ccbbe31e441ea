package io.headrace.inference.llama;

import io.headrace.inference.ModelLoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The llama.cpp libraries of one folder, found by name.
 *
 * @param directory where they lie, absolute
 * @param llama the library {@code llama}
 * @param ggml the library {@code ggml}, which loads the compute backends
 * @param ggmlBase the library {@code ggml-base}
 */
record NativeLibraries(Path directory, Path llama, Path ggml, Path ggmlBase) {

    /**
     * Takes the folder given by the user, or else unpacks the packaged libraries below the cache.
     */
    static NativeLibraries locate(Optional<Path> given, Path cache) {
        if (given.isPresent()) {
            return of(given.get().toAbsolutePath());
        }
        return of(PackagedNatives.forThisPlatform().unpack(cache.toAbsolutePath()));
    }

    private static NativeLibraries of(Path directory) {
        List<Path> files;
        try (Stream<Path> listing = Files.list(directory)) {
            files = listing.toList();
        } catch (IOException e) {
            throw new ModelLoadException(
                    "The llama.cpp libraries were looked for in "
                            + directory
                            + ", which cannot be read; name a folder with a build of llama.cpp "
                            + LlamaBinding.RELEASE
                            + ", or leave the folder out to use the packaged one.",
                    e);
        }
        return new NativeLibraries(
                directory,
                library(directory, files, "llama"),
                library(directory, files, "ggml"),
                library(directory, files, "ggml-base"));
    }

    private static Path library(Path directory, List<Path> files, String name) {
        Pattern pattern =
                Pattern.compile("(lib)?" + name + "(\\.v[0-9.]+)?\\.(so|dylib|dll)(\\.[0-9.]+)?");
        return files.stream()
                .filter(file -> pattern.matcher(file.getFileName().toString()).matches())
                .sorted()
                .findFirst()
                .orElseThrow(
                        () ->
                                new ModelLoadException(
                                        "The library "
                                                + name
                                                + " was looked for in "
                                                + directory
                                                + " and is not there; the folder must hold a build"
                                                + " of llama.cpp "
                                                + LlamaBinding.RELEASE
                                                + " as shared libraries."));
    }
}
