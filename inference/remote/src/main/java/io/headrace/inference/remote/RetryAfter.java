package io.headrace.inference.remote;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** Reads the header {@code Retry-After} (RFC 9110, 10.2.3): seconds, or a date. */
final class RetryAfter {

    /** No server is believed for longer. */
    private static final Duration MOST = Duration.ofHours(1);

    private RetryAfter() {}

    /** How long to wait; zero where the server does not say. */
    static Duration of(HttpHeaders headers, Instant now) {
        Duration wait =
                headers.firstValue("retry-after")
                        .map(value -> parse(value.strip(), now))
                        .orElse(Duration.ZERO);
        return wait.isNegative() ? Duration.ZERO : wait.compareTo(MOST) > 0 ? MOST : wait;
    }

    private static Duration parse(String value, Instant now) {
        try {
            if (value.matches("[0-9]{1,9}([.][0-9]{1,9})?")) { // Some send fractions.
                return Duration.ofMillis((long) Math.ceil(1_000 * Double.parseDouble(value)));
            }
            return Duration.between(
                    now,
                    ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }
}
