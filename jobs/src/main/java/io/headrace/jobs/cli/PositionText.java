package io.headrace.jobs.cli;

import io.headrace.connectors.EndPosition;
import io.headrace.connectors.StartPosition;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/**
 * Positions in topics as people write them: a word, a time in ISO 8601, or {@code 0:100,1:250} with
 * partitions and offsets, where several topics are read {@code topic/0:100}.
 */
final class PositionText {

    private static final Pattern OFFSET = Pattern.compile("(?:(.+)/)?(\\d{1,9}):(\\d{1,18})");

    private PositionText() {}

    /**
     * Reads where to begin.
     *
     * @param topic the topic of offsets that name none, if there is just one
     * @throws IllegalArgumentException if it is no position
     */
    static StartPosition start(String text, Optional<String> topic) {
        return switch (text) {
            case "earliest" -> new StartPosition.Earliest();
            case "committed" -> new StartPosition.Committed();
            default ->
                    time(text)
                            .<StartPosition>map(StartPosition.Timestamp::new)
                            .orElseGet(
                                    () ->
                                            new StartPosition.Offsets(
                                                    offsets("earliest, committed", text, topic)));
        };
    }

    /** Like {@link #start}, of where to end. */
    static EndPosition end(String text, Optional<String> topic) {
        return text.equals("latest")
                ? new EndPosition.LatestAtStart()
                : time(text)
                        .<EndPosition>map(EndPosition.Timestamp::new)
                        .orElseGet(() -> new EndPosition.Offsets(offsets("latest", text, topic)));
    }

    /** Milliseconds since 1970 of a time with an offset, or of a day's beginning in UTC. */
    static Optional<Long> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant().toEpochMilli());
        } catch (DateTimeException e) {
            return day(text);
        }
    }

    private static Optional<Long> day(String text) {
        try {
            return Optional.of(
                    LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Map<TopicPartition, Long> offsets(
            String words, String text, Optional<String> onlyTopic) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (String part : text.split(",", -1)) {
            Matcher matcher = OFFSET.matcher(part.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "'"
                                + text
                                + "' is no position; write "
                                + words
                                + ", a time like 2026-01-31 or 2026-01-31T08:00:00Z, or offsets of"
                                + " partitions like 0:100,1:250");
            }
            String topic =
                    Optional.ofNullable(matcher.group(1))
                            .or(() -> onlyTopic)
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "'"
                                                            + text
                                                            + "' names no topic, but the source"
                                                            + " reads several; write"
                                                            + " topic/0:100"));
            offsets.put(
                    new TopicPartition(topic, Integer.parseInt(matcher.group(2))),
                    Long.valueOf(matcher.group(3)));
        }
        return offsets;
    }
}
