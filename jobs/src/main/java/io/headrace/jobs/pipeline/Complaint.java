package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/** What Jackson has against a file, in words for who wrote the file. */
final class Complaint {

    private static final String NUMBER = "a number";
    private static final String WHOLE = "a whole number";

    /** How a value of a type is written. */
    private static final Map<Class<?>, String> WRITTEN =
            Map.of(
                    String.class,
                    "a text",
                    Integer.class,
                    WHOLE,
                    Long.class,
                    WHOLE,
                    Double.class,
                    NUMBER,
                    Boolean.class,
                    "true or false",
                    Duration.class,
                    "a duration such as 10 s, 5 min, 1 h or 1 d");

    private Complaint() {}

    /** The line, and in a sentence what is wrong there and what is expected. */
    static String of(JsonProcessingException e, String yaml) {
        String sentence = sentence(e);
        int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
        if (e instanceof ValueInstantiationException refused) {
            // Its own location is the section's end.
            line = lineOf(refused, sentence, yaml).orElse(line);
        }
        return (line < 1 ? "" : ":" + line) + ": " + sentence;
    }

    /** The line of the key that a sentence begins with, or of the section that was refused. */
    private static OptionalInt lineOf(ValueInstantiationException e, String sentence, String yaml) {
        try {
            KeyLines lines = KeyLines.of(yaml);
            OptionalInt line = lines.line(sentence.split(":", 2)[0]);
            return line.isPresent() ? line : lines.line(path(e));
        } catch (IOException unreadable) {
            return OptionalInt.empty();
        }
    }

    private static String sentence(JsonProcessingException e) {
        if (e instanceof ValueInstantiationException invalid && invalid.getCause() != null) {
            return refusal(invalid);
        }
        if (e instanceof JsonMappingException mapping
                && e.getCause() instanceof StreamReadException number) {
            return "wrong value for " + keyOf(mapping) + ": expected " + finite(number);
        }
        if (e instanceof InvalidFormatException format && format.getTargetType().isEnum()) {
            return "'"
                    + format.getValue()
                    + "' is no value of "
                    + keyOf(format)
                    + "; expected one of "
                    + names(format.getTargetType());
        }
        if (e instanceof MismatchedInputException mismatch) {
            String value =
                    mismatch instanceof InvalidFormatException format
                            ? " '" + format.getValue() + "'"
                            : "";
            return "wrong value"
                    + value
                    + " for "
                    + keyOf(mismatch)
                    + ": expected "
                    + written(mismatch.getTargetType());
        }
        return e.getOriginalMessage().lines().findFirst().orElse("cannot be read");
    }

    /** What stands in the place of a number that is too large, or none at all. */
    private static String finite(StreamReadException number) {
        if (!(number instanceof InputCoercionException large)) {
            return NUMBER;
        }
        long most = large.getTargetType() == int.class ? Integer.MAX_VALUE : Long.MAX_VALUE;
        return WHOLE + " of at most " + most;
    }

    private static String written(Class<?> type) {
        if (type == null) {
            return "something else";
        }
        if (type.isEnum()) {
            return "one of " + names(type);
        }
        if (List.class.isAssignableFrom(type)) {
            return "a list";
        }
        return WRITTEN.getOrDefault(type, "a section with keys of its own");
    }

    private static List<String> names(Class<?> type) {
        return Arrays.stream(type.getFields())
                .map(field -> field.getAnnotation(JsonProperty.class))
                .filter(Objects::nonNull)
                .map(JsonProperty::value)
                .toList();
    }

    /** What a section says of one of its keys, with the whole path of the key. */
    private static String refusal(ValueInstantiationException e) {
        String message = e.getCause().getMessage();
        String section =
                e.getPath().stream()
                        .map(JsonMappingException.Reference::getFieldName)
                        .filter(Objects::nonNull)
                        .reduce("", (first, second) -> second);
        String head = message.split("[.:]", 2)[0];
        String type = e.getType().getRawClass().getSimpleName();
        boolean ownName = head.equals(section) || head.equalsIgnoreCase(type);
        return ownName && !section.isEmpty() ? path(e) + message.substring(head.length()) : message;
    }

    private static String keyOf(JsonMappingException e) {
        String key = path(e);
        return key.isEmpty() ? "the file" : "'" + key + "'";
    }

    private static String path(JsonMappingException e) {
        StringBuilder key = new StringBuilder();
        for (JsonMappingException.Reference reference : e.getPath()) {
            if (reference.getFieldName() == null) {
                key.append('[').append(reference.getIndex()).append(']');
            } else {
                key.append(key.isEmpty() ? "" : ".").append(reference.getFieldName());
            }
        }
        return key.toString();
    }
}
