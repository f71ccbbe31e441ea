package io.headrace.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.headrace.connectors.JsonWriter;
import io.headrace.connectors.KafkaCheck;
import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.RecordOrigin;
import io.headrace.connectors.RegistryException;
import io.headrace.connectors.RegistryUnavailableException;
import io.headrace.connectors.TopicTail;
import io.headrace.jobs.pipeline.Pipeline;
import io.headrace.jobs.pipeline.PipelineFile;
import io.headrace.schemas.HeadraceSchemas;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.generic.GenericRecord;

/**
 * What the jobs of a pipeline write, wherever they run: the newest enriched records and dead
 * letters, with the text that the model saw of each. Reads only, and leaves nothing in Kafka. Used
 * by one thread.
 */
public final class WatchedTopics implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Pipeline pipeline;
    private final RecordDecoder enriched;
    private final RecordDecoder letters;
    private final RecordDecoder sources;
    private final Optional<TextTemplate> template;
    private final TopicTail tail;

    /**
     * A record of an output topic.
     *
     * @param record as it lies in Kafka
     * @param letter the dead letter, without the record in it, if it is one
     * @param fields the enriched record, or the record of the letter as far as it can be read; none
     *     for a deletion
     * @param text what the model saw, where it can be made of the fields
     * @param problem why the record cannot be read, if so
     */
    public record Seen(
            KafkaRecord record,
            Optional<ObjectNode> letter,
            Optional<ObjectNode> fields,
            Optional<String> text,
            Optional<String> problem) {}

    /**
     * Connects.
     *
     * @param last about how many records of each topic to begin with
     */
    public WatchedTopics(PipelineFile file, int last) {
        this.pipeline = file.pipeline();
        PipelineConnections connections = PipelineConnections.of(file);
        try (KafkaCheck kafka = KafkaCheck.connect(connections.kafka(), PATIENCE)) {
            kafka.topics(); // Whether the brokers let this client in, before anything opens.
        }
        this.enriched = new RecordDecoder(connections.sink().asSource(null));
        this.letters = new RecordDecoder(connections.sink().asSource(HeadraceSchemas.DEAD_LETTER));
        this.sources = new RecordDecoder(connections.source());
        // A window's output does not hold the texts that are in it.
        this.template =
                pipeline.source().window() == null
                        ? Optional.of(TextTemplate.parse(pipeline.source().text()))
                        : Optional.empty();
        this.tail =
                TopicTail.of(
                        connections.kafka(),
                        List.of(pipeline.sink().topic(), pipeline.sink().deadLetterTopic()),
                        last);
    }

    /** Waits a while for records. */
    public List<Seen> poll(Duration patience) {
        return tail.poll(patience).stream().map(this::seen).toList();
    }

    /** The output topics that are not there yet. */
    public Set<String> missing() {
        return tail.missing();
    }

    private Seen seen(KafkaRecord record) {
        try {
            if (record.topic().equals(pipeline.sink().deadLetterTopic())) {
                return letter(record, letters.decode(record));
            }
            if (record.isTombstone()) {
                return unread(record, Optional.empty());
            }
            GenericRecord value = enriched.decode(record);
            return new Seen(
                    record,
                    Optional.empty(),
                    Optional.of(json(value)),
                    text(value),
                    Optional.empty());
        } catch (BadRecordException
                | IOException
                | RegistryException
                | RegistryUnavailableException e) {
            return unread(record, Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private static Seen unread(KafkaRecord record, Optional<String> problem) {
        return new Seen(record, Optional.empty(), Optional.empty(), Optional.empty(), problem);
    }

    private Seen letter(KafkaRecord record, GenericRecord letter) throws IOException {
        ObjectNode shown = json(letter);
        shown.remove(List.of("key", "value", "headers"));
        Optional<GenericRecord> source = Optional.empty();
        if (letter.get("pipeline").toString().equals(pipeline.name())) {
            source = source(letter);
        }
        return new Seen(
                record,
                Optional.of(shown),
                source.isPresent() ? Optional.of(json(source.get())) : Optional.empty(),
                source.flatMap(this::text),
                Optional.empty());
    }

    /** The record that became a dead letter, where it can be read at all. */
    private Optional<GenericRecord> source(GenericRecord letter) {
        RecordOrigin origin =
                new RecordOrigin(
                        letter.get("topic").toString(),
                        (Integer) letter.get("partition"),
                        (Long) letter.get("offset"),
                        (Long) letter.get("timestamp"));
        try {
            return Optional.of(
                    sources.decode(
                            new KafkaRecord(origin, null, bytes(letter.get("value")), List.of())));
        } catch (BadRecordException | RegistryException | RegistryUnavailableException e) {
            return Optional.empty(); // As the letter says, or for now.
        }
    }

    private static byte[] bytes(Object value) {
        if (value == null) {
            return null;
        }
        ByteBuffer buffer = ((ByteBuffer) value).duplicate();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private Optional<String> text(GenericRecord value) {
        try {
            return template.map(it -> it.render(AvroFields.of(value)));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // Of an earlier version of the pipeline, perhaps.
        }
    }

    private static ObjectNode json(GenericRecord record) throws IOException {
        return (ObjectNode) JSON.readTree(new JsonWriter().write(record));
    }

    @Override
    public void close() {
        tail.close();
        enriched.close();
        letters.close();
        sources.close();
    }
}
