package io.headrace.inference;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What computes a model. */
public enum Backend {
    /** What is measured to be the faster one for the model. */
    AUTO("auto"),
    /** Headrace's own CPU engine. */
    HEADRACE("headrace"),
    /** llama.cpp. */
    LLAMA_CPP("llama.cpp");

    private final String written;

    Backend(String written) {
        this.written = written;
    }

    /** Returns it as pipeline files have it. */
    public String written() {
        return written;
    }

    /**
     * Reads what {@link #written()} returns.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static Backend of(String text) {
        return Arrays.stream(values())
                .filter(each -> each.written.equals(text))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "engine must be one of "
                                                + Arrays.stream(values())
                                                        .map(Backend::written)
                                                        .collect(Collectors.joining(", "))
                                                + ", not '"
                                                + text
                                                + "'"));
    }
}
