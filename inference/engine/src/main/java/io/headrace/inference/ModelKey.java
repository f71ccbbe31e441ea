package io.headrace.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/** What tells one loaded model from another: the file, as it was when it was loaded. */
record ModelKey(Path file, long size, FileTime modified) {

    static ModelKey of(EngineOptions options) {
        try {
            Path file = options.modelPath().toRealPath();
            return new ModelKey(file, Files.size(file), Files.getLastModifiedTime(file));
        } catch (IOException e) {
            throw new ModelLoadException(
                    "There is no model file " + options.modelPath().toAbsolutePath() + ".", e);
        }
    }
}
