package io.headrace.jobs.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills in {@code ${env:NAME}} and {@code ${file:PATH}} where a pipeline file names a secret
 * instead of holding it. Resolved as late as possible, so that no message shows a value.
 */
public final class Secrets {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):([^}]+)}");

    private Secrets() {}

    /**
     * Replaces the references in a text.
     *
     * @throws PipelineFileException if a variable is not set or a file cannot be read
     */
    public static String resolve(String text) {
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (matcher.find()) {
            String value =
                    matcher.group(1).equals("env")
                            ? variable(matcher.group(2))
                            : content(matcher.group(2));
            matcher.appendReplacement(resolved, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(resolved).toString();
    }

    /** The values that a text refers to, as far as they are to be had here. */
    static List<String> referred(String text) {
        List<String> values = new ArrayList<>();
        REFERENCE
                .matcher(text)
                .results()
                .forEach(
                        reference -> {
                            try {
                                values.add(resolve(reference.group()));
                            } catch (PipelineFileException e) {
                                // Not needed here, and so not known here.
                            }
                        });
        return values;
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new PipelineFileException(
                    "the environment variable "
                            + name
                            + " is not set, but the pipeline file refers to it");
        }
        return value;
    }

    private static String content(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException e) {
            throw new PipelineFileException(
                    "cannot read the secret file " + path + ", which the pipeline file refers to");
        }
    }
}
