package io.headrace.inference;

import io.headrace.inference.chat.TemplateFile;
import io.headrace.inference.gguf.SplitModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/**
 * What tells one loaded model from another: its files, as they were when they were loaded, and what
 * computes it where.
 */
record ModelKey(List<Part> parts, Backend backend, Device device) {

    private record Part(Path file, long size, FileTime modified) {}

    /** Of options that are placed. */
    static ModelKey of(EngineOptions options) {
        List<Part> parts = new ArrayList<>();
        List<Path> paths = new ArrayList<>(SplitModel.parts(options.modelPath()));
        Path template = TemplateFile.of(options.modelPath());
        if (Files.isRegularFile(template)) {
            paths.add(template);
        }
        for (Path path : paths) {
            try {
                Path file = path.toRealPath();
                parts.add(new Part(file, Files.size(file), Files.getLastModifiedTime(file)));
            } catch (IOException e) {
                throw new ModelLoadException(
                        "There is no model file " + path.toAbsolutePath() + ".", e);
            }
        }
        return new ModelKey(List.copyOf(parts), options.backend(), options.device());
    }
}
