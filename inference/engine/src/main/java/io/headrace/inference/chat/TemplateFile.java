package io.headrace.inference.chat;

import io.headrace.inference.ModelLoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A chat template beside a model, {@code MODEL.gguf.jinja}, that wins over the model's own. */
public final class TemplateFile {

    private TemplateFile() {}

    /** Returns the path where a template of this model would be. */
    public static Path of(Path model) {
        return model.resolveSibling(model.getFileName() + ".jinja");
    }

    /**
     * Returns the template to use: of the file, or else the model's own.
     *
     * @throws ModelLoadException if there is a file that cannot be read
     */
    public static Optional<String> orElse(Path model, Optional<String> own) {
        Path file = of(model);
        if (!Files.isRegularFile(file)) {
            return own;
        }
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            throw new ModelLoadException(
                    "The chat template " + file + " cannot be read as UTF-8 text: " + e, e);
        }
    }
}
