package io.headrace.operators.task;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;

/** The default wording of prompts, read from a versioned resource. */
final class PromptTexts {

    /** Version of the wording; part of every pipeline's version. */
    static final String VERSION = "v1";

    private static final Properties TEXTS = load("prompts-" + VERSION + ".properties");

    private PromptTexts() {}

    static String introduction() {
        return text("introduction");
    }

    static String classify() {
        return text("classify");
    }

    static String extract() {
        return text("extract");
    }

    static String summarize(int words) {
        return text("summarize").replace("{words}", Integer.toString(words));
    }

    private static String text(String key) {
        return Objects.requireNonNull(TEXTS.getProperty(key), key);
    }

    private static Properties load(String resource) {
        Properties texts = new Properties();
        try (InputStream in =
                Objects.requireNonNull(PromptTexts.class.getResourceAsStream(resource), resource)) {
            texts.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }
}
