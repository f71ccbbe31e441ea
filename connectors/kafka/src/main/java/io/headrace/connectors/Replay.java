package io.headrace.connectors;

import io.headrace.schemas.HeadraceSchemas;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the dead letters of a pipeline back to the topics that they came from.
 *
 * <p>Kafka deletes no single record, so each letter that was sent back is marked: a record in the
 * same partition of the dead-letter topic, in the same transaction as the record that was sent.
 * Whatever happens, a letter is sent back once.
 */
public final class Replay {

    /** Header of a mark: the offset of the letter that was sent back, in the mark's partition. */
    static final String REPLAYED_OFFSET_HEADER = "headrace.replayed-offset";

    private static final int RECORDS_PER_TRANSACTION = 500;

    /**
     * What is replayed.
     *
     * @param pipeline name of the pipeline whose letters are meant; a topic can hold those of many
     * @param topic the dead-letter topic
     * @param format how letters are written there
     * @param transactionalId id of the replay's transactions; a second replay at a time ends the
     *     first
     */
    public record Letters(
            String pipeline, String topic, SinkFormat format, String transactionalId) {
        public Letters {
            Settings.requireText("pipeline", pipeline);
            Settings.requireText("topic", topic);
            Objects.requireNonNull(format, "format");
            Settings.requireText("transactionalId", transactionalId);
        }

        RecordReader openReader() {
            SourceFormat source =
                    format instanceof SinkFormat.ConfluentAvro avro
                            ? new SourceFormat.ConfluentAvro(
                                    avro.registry(), HeadraceSchemas.DEAD_LETTER)
                            : new SourceFormat.Json(HeadraceSchemas.DEAD_LETTER);
            return source.open();
        }
    }

    /**
     * What a replay found and did.
     *
     * @param letters letters of the pipeline
     * @param sentBefore those that earlier replays sent back
     * @param selected those of the others that the filter selects
     * @param exhausted those selected that have failed too often and stay
     * @param unsendable those selected that lack parts of their record, or whose topic takes no
     *     record of their size, and stay
     * @param sent those that were sent back, or would have been
     * @param unreadable records in the topic that are no dead letters
     */
    public record Report(
            long letters,
            long sentBefore,
            long selected,
            long exhausted,
            long unsendable,
            long sent,
            long unreadable) {}

    private final KafkaConnection kafka;
    private final Letters letters;
    private final ReplayFilter filter;
    private final Map<Integer, Set<Long>> sentBefore = new HashMap<>();
    private final Map<String, RecordSizeLimit> limits = new HashMap<>();
    private final List<Found> batch = new ArrayList<>();
    private final Counts counts = new Counts();

    /** A letter that is to be sent back, and where it lies. */
    private record Found(DeadLetter letter, ConsumerRecord<byte[], byte[]> record) {}

    private static final class Counts {
        private long letters;
        private long before;
        private long selected;
        private long exhausted;
        private long unsendable;
        private long sent;
        private long unreadable;

        Report report() {
            return new Report(letters, before, selected, exhausted, unsendable, sent, unreadable);
        }
    }

    public Replay(KafkaConnection kafka, Letters letters, ReplayFilter filter) {
        this.kafka = kafka;
        this.letters = letters;
        this.filter = filter;
    }

    /** Says what {@link #run()} would do. */
    public Report dryRun() {
        scan(() -> batch.clear());
        return counts.report();
    }

    /**
     * Sends the letters back.
     *
     * @throws KafkaCheckException if the brokers refuse; what was sent before is marked
     */
    public Report run() {
        Properties properties = kafka.clientProperties();
        properties.setProperty("transactional.id", letters.transactionalId());
        try (RecordWriter marks = letters.format().open(letters.topic());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(
                                properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            scan(() -> send(producer, marks));
            return counts.report();
        } catch (KafkaException e) {
            throw new KafkaCheckException(
                    "The replay to %s ended early: %s; %d letters were sent back, and a further"
                                    .formatted(
                                            kafka.bootstrapServers(),
                                            e.getMessage(),
                                            counts.sent - batch.size())
                            + " replay sends the rest.",
                    e);
        }
    }

    private void scan(Runnable whenBatchIsFull) {
        try (TopicScan scan = TopicScan.of(kafka, letters.topic());
                RecordReader reader = letters.openReader()) {
            scan.forEach(this::noteMark);
            scan.forEach(
                    record -> {
                        consider(record, reader);
                        if (batch.size() >= RECORDS_PER_TRANSACTION) {
                            whenBatchIsFull.run();
                        }
                    });
            if (!batch.isEmpty()) {
                whenBatchIsFull.run();
            }
        }
    }

    private void noteMark(ConsumerRecord<byte[], byte[]> record) {
        Header mark = record.headers().lastHeader(REPLAYED_OFFSET_HEADER);
        if (mark != null) {
            sentBefore
                    .computeIfAbsent(record.partition(), partition -> new HashSet<>())
                    .add(Long.valueOf(new String(mark.value(), StandardCharsets.UTF_8)));
        }
    }

    private void consider(ConsumerRecord<byte[], byte[]> record, RecordReader reader) {
        if (record.headers().lastHeader(REPLAYED_OFFSET_HEADER) != null) {
            return;
        }
        DeadLetter letter;
        try {
            letter =
                    new DeadLetter(
                            reader.read(record.value() == null ? new byte[0] : record.value()));
        } catch (RecordFormatException e) {
            counts.unreadable++;
            return;
        }
        if (!letter.pipeline().equals(letters.pipeline())) {
            return;
        }
        counts.letters++;
        if (sentBefore.getOrDefault(record.partition(), Set.of()).contains(record.offset())) {
            counts.before++;
        } else if (filter.selects(letter)) {
            counts.selected++;
            if (filter.isExhausted(letter)) {
                counts.exhausted++;
            } else if (!isSendable(letter)) {
                counts.unsendable++;
            } else {
                counts.sent++;
                batch.add(new Found(letter, record));
            }
        }
    }

    private boolean isSendable(DeadLetter letter) {
        return letter.isWhole()
                && limits.computeIfAbsent(letter.topic(), it -> new RecordSizeLimit(kafka, it))
                        .excess(letter.sentBack())
                        .isEmpty();
    }

    private void send(KafkaProducer<byte[], byte[]> producer, RecordWriter marks) {
        producer.beginTransaction();
        for (Found found : batch) {
            // The commit throws what a send failed with.
            var unusedSent = producer.send(sentBack(found.letter()));
            var unusedMark = producer.send(mark(found, marks));
        }
        producer.commitTransaction();
        batch.clear();
    }

    /** To the partition that it came from, so that it meets the records of its key again. */
    private static ProducerRecord<byte[], byte[]> sentBack(DeadLetter letter) {
        OutboundRecord record = letter.sentBack();
        ProducerRecord<byte[], byte[]> sent =
                new ProducerRecord<>(
                        letter.topic(),
                        letter.partition(),
                        record.timestampMillis() < 0 ? null : record.timestampMillis(),
                        record.key(),
                        record.value());
        record.headers().forEach(header -> sent.headers().add(header.name(), header.value()));
        return sent;
    }

    private ProducerRecord<byte[], byte[]> mark(Found found, RecordWriter marks) {
        byte[] value = marks.write(found.letter().mark(System.currentTimeMillis()));
        return new ProducerRecord<>(
                letters.topic(),
                found.record().partition(),
                null,
                found.record().key(),
                value,
                List.of(
                        header("headrace.stage", DeadLetter.REPLAYED),
                        header(REPLAYED_OFFSET_HEADER, Long.toString(found.record().offset()))));
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
