package io.headrace.jobs.pipeline;

import static io.headrace.jobs.pipeline.Pipeline.require;
import static io.headrace.jobs.pipeline.Pipeline.requireTopic;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;

/**
 * The output of a pipeline.
 *
 * @param topic topic of enriched records
 * @param deadLetterTopic topic of records that could not be enriched
 * @param format form of the values in both topics; {@code avro} is Confluent's framing
 * @param guarantee how often a record may appear; exactly-once by default
 * @param transactionTimeout how long a transaction may stay open; 10 minutes by default
 * @param createTopics whether missing topics are created; false by default
 */
public record Sink(
        String topic,
        String deadLetterTopic,
        Format format,
        Guarantee guarantee,
        Duration transactionTimeout,
        Boolean createTopics) {

    public Sink {
        requireTopic(topic, "sink.topic", "the topic of enriched records");
        requireTopic(
                deadLetterTopic,
                "sink.deadLetterTopic",
                "a topic for records that cannot be enriched");
        require(
                !deadLetterTopic.equals(topic),
                "sink.deadLetterTopic",
                "another topic than sink.topic");
        format = format == null ? Format.AVRO : format;
        guarantee = guarantee == null ? Guarantee.EXACTLY_ONCE : guarantee;
        transactionTimeout =
                transactionTimeout == null ? Duration.ofMinutes(10) : transactionTimeout;
        createTopics = createTopics != null && createTopics;
    }

    /** Form of the values in the output topics. */
    public enum Format {
        @JsonProperty("avro")
        AVRO,
        @JsonProperty("json")
        JSON
    }

    /** How often a record may appear in the output. */
    public enum Guarantee {
        @JsonProperty("exactly-once")
        EXACTLY_ONCE,
        @JsonProperty("at-least-once")
        AT_LEAST_ONCE
    }
}
