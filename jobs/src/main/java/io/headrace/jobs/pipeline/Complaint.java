package io.headrace.jobs.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
    static String of(JsonProcessingException e) {
        JsonLocation location = e.getLocation();
        String line =
                location == null || location.getLineNr() < 1 ? "" : ":" + location.getLineNr();
        return line + ": " + sentence(e);
    }

    private static String sentence(JsonProcessingException e) {
        if (e instanceof ValueInstantiationException invalid && invalid.getCause() != null) {
            return invalid.getCause().getMessage();
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

    private static String keyOf(JsonMappingException e) {
        StringBuilder key = new StringBuilder();
        for (JsonMappingException.Reference reference : e.getPath()) {
            if (reference.getFieldName() == null) {
                key.append('[').append(reference.getIndex()).append(']');
            } else {
                key.append(key.isEmpty() ? "" : ".").append(reference.getFieldName());
            }
        }
        return key.isEmpty() ? "the file" : "'" + key + "'";
    }
}
