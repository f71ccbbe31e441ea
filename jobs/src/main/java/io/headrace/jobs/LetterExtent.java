package io.headrace.jobs;

import io.headrace.operators.Failure;
import java.util.List;

/**
 * How much of its record a dead letter carries, from all to nothing. The first extent that the
 * dead-letter topic takes is written; a letter says what it lacks, and the origin that it names has
 * it.
 */
enum LetterExtent {
    WHOLE,
    SHORT_MESSAGE,
    WITHOUT_VALUE("value"),
    WITHOUT_HEADERS("value", "headers"),
    BARE("value", "headers", "key");

    /** Characters of a message in a letter that is not whole. */
    private static final int MESSAGE_CHARACTERS = 1_000;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> dropped;

    LetterExtent(String... dropped) {
        this.dropped = List.of(dropped);
    }

    /** The parts of the record that are left out. */
    List<String> dropped() {
        return dropped;
    }

    boolean value() {
        return !dropped.contains("value");
    }

    boolean headers() {
        return !dropped.contains("headers");
    }

    boolean key() {
        return !dropped.contains("key");
    }

    /** The failure's message, which may itself be long. */
    String message(Failure failure) {
        String message = failure.message();
        return this == WHOLE || message.length() <= MESSAGE_CHARACTERS
                ? message
                : message.substring(0, MESSAGE_CHARACTERS) + "…";
    }
}
