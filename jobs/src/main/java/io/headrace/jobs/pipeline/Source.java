package io.headrace.jobs.pipeline;

import static io.headrace.jobs.pipeline.Pipeline.require;
import static io.headrace.jobs.pipeline.Pipeline.requireTopic;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.headrace.operators.TextWindows;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The input of a pipeline.
 *
 * @param topic topic to read
 * @param topicPattern instead of a topic: a regular expression of all topics to read
 * @param format form of the values; {@code avro} is Confluent's framing
 * @param schema an Avro schema, in place, or the path of an {@code .avsc} file: the reader's for
 *     Avro, the writer's for plain Avro, the target's for JSON
 * @param key field by which records are keyed; by default the key of the Kafka record
 * @param text template over the record's fields that gives the text for the model
 * @param eventTime field that says when a record happened; by default Kafka's timestamp says it
 * @param maxOutOfOrder how much later than younger records a record may come; 5 seconds by default
 * @param idleAfter when a partition without records no longer holds watermarks back; a minute by
 *     default
 * @param window length of windows of event time: tasks are then done on all records of a key in a
 *     window at once; by default on each record
 * @param windowMaxCharacters of the texts of a window before it goes on in parts; 100,000 by
 *     default
 * @param upsert whether the topic is a table whose records replace those of their key and whose
 *     tombstones delete: these go on to the output; by default a tombstone is a dead letter
 * @param start where to begin when the job has no state: earliest, latest or committed
 * @param groupId consumer group; by default {@code headrace-} and the pipeline's name
 */
public record Source(
        String topic,
        String topicPattern,
        Format format,
        JsonNode schema,
        String key,
        String text,
        String eventTime,
        Duration maxOutOfOrder,
        Duration idleAfter,
        Duration window,
        Integer windowMaxCharacters,
        Boolean upsert,
        Start start,
        String groupId) {

    public Source {
        require(
                (topic == null) != (topicPattern == null),
                "source.topic",
                "the name of a topic, or instead of it topicPattern with a regular expression");
        if (topic != null) {
            requireTopic(topic, "source.topic", "the topic");
        }
        require(isPattern(topicPattern), "source.topicPattern", "a regular expression");
        require(
                text != null && !text.isBlank(),
                "source.text",
                "a template over the record's fields, for instance \"{{ body }}\"");
        require(
                eventTime == null || !eventTime.isBlank(),
                "source.eventTime",
                "the name of a field");
        format = format == null ? Format.AVRO : format;
        requireSchema(format, schema);
        start = start == null ? Start.EARLIEST : start;
        maxOutOfOrder = maxOutOfOrder == null ? Duration.ofSeconds(5) : maxOutOfOrder;
        require(!maxOutOfOrder.isNegative(), "source.maxOutOfOrder", "0 or more");
        idleAfter = idleAfter == null ? Duration.ofMinutes(1) : idleAfter;
        require(!idleAfter.isNegative() && !idleAfter.isZero(), "source.idleAfter", "more than 0");
        require(window == null || window.toMillis() >= 1, "source.window", "at least 1 ms");
        require(
                windowMaxCharacters == null || window != null,
                "source.windowMaxCharacters",
                "a window beside it");
        windowMaxCharacters =
                windowMaxCharacters == null
                        ? TextWindows.DEFAULT_MAX_CHARACTERS
                        : windowMaxCharacters;
        upsert = upsert != null && upsert;
        require(
                !upsert || key == null,
                "source.key",
                "nothing with 'upsert: true': a tombstone has no fields, so Kafka's key says what"
                        + " it deletes");
        require(
                !upsert || window == null,
                "source.upsert",
                "'false' with a window, which collects events and not the rows of a table");
        require(windowMaxCharacters >= 1, "source.windowMaxCharacters", "at least 1");
    }

    private static void requireSchema(Format format, JsonNode schema) {
        require(
                schema == null || schema.isObject() || schema.isTextual(),
                "source.schema",
                "an Avro schema or the path of an .avsc file");
        require(
                schema != null || format != Format.PLAIN_AVRO,
                "source.schema",
                "the Avro schema that the values are written with, since plain-avro names none");
        require(
                schema == null || format != Format.TEXT,
                "source.schema",
                "nothing with 'format: text', which has one field, 'value'");
    }

    private static boolean isPattern(String topicPattern) {
        try {
            return topicPattern == null || !Pattern.compile(topicPattern).pattern().isBlank();
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    /** Whether the source reads that topic. */
    boolean reads(String other) {
        return topic != null ? topic.equals(other) : Pattern.matches(topicPattern, other);
    }

    /** Form of the values in the input topic. */
    public enum Format {
        @JsonProperty("avro")
        AVRO,
        @JsonProperty("plain-avro")
        PLAIN_AVRO,
        @JsonProperty("json")
        JSON,
        @JsonProperty("text")
        TEXT
    }

    /** Where to begin when the job has no state. */
    public enum Start {
        @JsonProperty("earliest")
        EARLIEST,
        @JsonProperty("latest")
        LATEST,
        @JsonProperty("committed")
        COMMITTED
    }
}
