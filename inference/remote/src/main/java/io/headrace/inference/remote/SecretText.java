package io.headrace.inference.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills in {@code ${env:NAME}} and {@code ${file:PATH}} where a text names a secret instead of
 * holding it. Done as late as possible, so that no message shows a value.
 */
public final class SecretText {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):([^}]+)}");

    private SecretText() {}

    /** Whether a text is one reference and nothing else. */
    public static boolean isReference(String text) {
        return REFERENCE.matcher(text.strip()).matches();
    }

    /**
     * Replaces the references in a text.
     *
     * @throws IllegalArgumentException if a variable is not set or a file cannot be read
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

    private static String variable(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalArgumentException("the environment variable " + name + " is not set");
        }
        return value;
    }

    private static String content(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the secret file " + path);
        }
    }
}
