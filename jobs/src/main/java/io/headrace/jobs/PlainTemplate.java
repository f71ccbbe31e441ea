package io.headrace.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    /** Renders the template, unless a value is missing or has no plain form. */
    Optional<String> render(Map<String, Object> fields) {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            text.append(part.text());
            if (!part.path().isEmpty()) {
                Object value = value(fields, part.path());
                if (!isPlain(value)) {
                    return Optional.empty();
                }
                text.append(value);
            }
        }
        return Optional.of(text.toString());
    }

    private static Object value(Map<String, Object> fields, List<String> path) {
        Object value = fields;
        for (String name : path) {
            value = value instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return value;
    }

    private static boolean isPlain(Object value) {
        return value instanceof String
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Boolean;
    }
}
