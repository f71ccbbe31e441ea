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

    static String extractCompact() {
        return text("extractCompact");
    }

    /** What follows an instruction of the user's own where the layout is compact. */
    static String asArray() {
        return text("asArray");
    }

    static String multiLabel() {
        return text("multiLabel");
    }

    static String noneOfThese() {
        return text("noneOfThese");
    }

    static String answerFields() {
        return text("answerFields");
    }

    /** What a running summary is told about its message. */
    static String running() {
        return text("running");
    }

    /** A summary and what is new. */
    static String continued(String before, String text) {
        // In two steps, since the summary may hold the mark of the text.
        String[] parts = text("continued").split("\\{text\\}", 2);
        return parts[0].replace("{before}", before) + text + parts[1];
    }

    /** What follows the task's name where one label of several is asked for. */
    static String applies(String label) {
        return text("applies").replace("{label}", label);
    }

    static String summarize(int words, int sentences, String style, String language) {
        StringBuilder instruction =
                new StringBuilder(text("summarize").replace("{words}", Integer.toString(words)));
        if (sentences > 0) {
            instruction
                    .append(' ')
                    .append(text("sentences").replace("{sentences}", Integer.toString(sentences)));
        }
        if (!style.isEmpty()) {
            instruction.append(' ').append(text("style").replace("{style}", style));
        }
        if (!language.isEmpty()) {
            instruction.append(' ').append(text("language").replace("{language}", language));
        }
        return instruction.toString();
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
