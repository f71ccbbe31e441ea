package io.headrace.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericEnumSymbol;

/**
 * A template of nothing but texts and names in braces, rendered by putting them together: a tenth
 * of what Jinja's machinery takes for each record.
 */
final class PlainTemplate {

    private static final Pattern VALUE =
            Pattern.compile("\\{\\{ *([A-Za-z_][A-Za-z0-9_]*(?:\\.[A-Za-z_][A-Za-z0-9_]*)*) *}}");

    /** Words that mean something else in Jinja. */
    private static final Pattern WORD =
            Pattern.compile(
                    "(?i)true|false|none|null|not|and|or|in|is|empty|div|mod|eq|ne|lt|gt|le|ge|instanceof|loop");

    /** A text and the path of the value after it; the last one has no path. */
    private record Part(String text, List<String> path) {}

    private final List<Part> parts;

    private PlainTemplate(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /** Reads a template, if it is so plain. */
    static Optional<PlainTemplate> of(String template) {
        List<Part> parts = new ArrayList<>();
        Matcher matcher = VALUE.matcher(template);
        int end = 0;
        while (matcher.find()) {
            List<String> path = List.of(matcher.group(1).split("\\.", -1));
            if (WORD.matcher(path.get(0)).matches()) {
                return Optional.empty();
            }
            parts.add(new Part(template.substring(end, matcher.start()), path));
            end = matcher.end();
        }
        parts.add(new Part(template.substring(end), List.of()));
        return parts.stream().allMatch(part -> isText(part.text()))
                ? Optional.of(new PlainTemplate(parts))
                : Optional.empty();
    }

    private static boolean isText(String text) {
        return text.indexOf('{') < 0 && text.indexOf('}') < 0 && text.indexOf('\\') < 0;
    }

    /**
     * Renders the template, unless a value is missing or has no plain form.
     *
     * @param values gives the value at a path, or null
     */
    Optional<String> render(Function<List<String>, Object> values) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            text.append(part.text());
            if (!part.path().isEmpty()) {
                Object value = values.apply(part.path());
                if (!isPlain(value)) {
                    return Optional.empty();
                }
                text.append(value);
            }
        }
        return Optional.of(text.toString());
    }

    private static boolean isPlain(Object value) {
        return value instanceof CharSequence
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Boolean
                || value instanceof GenericEnumSymbol<?>;
    }
}
