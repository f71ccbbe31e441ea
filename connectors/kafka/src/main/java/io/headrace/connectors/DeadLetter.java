package io.headrace.connectors;

import io.headrace.schemas.HeadraceSchemas;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * A dead letter as its topic holds it, seen as what a replay needs of it.
 *
 * @param datum the letter, of schema {@link HeadraceSchemas#DEAD_LETTER}
 */
record DeadLetter(GenericRecord datum) {

    /** Stage of the marks that say that a letter was sent back. */
    static final String REPLAYED = "REPLAYED";

    /** Header that counts how often a record was sent back. */
    static final String REPLAYS_HEADER = "headrace.replays";

    String stage() {
        return text("stage");
    }

    String errorClass() {
        return text("errorClass");
    }

    String pipeline() {
        return text("pipeline");
    }

    long failedAtMillis() {
        return (Long) datum.get("failedAt");
    }

    String topic() {
        return text("topic");
    }

    int partition() {
        return (Integer) datum.get("partition");
    }

    private String text(String field) {
        return datum.get(field).toString();
    }

    /** Whether the letter holds its record with all parts. */
    boolean isWhole() {
        return ((List<?>) datum.get("dropped")).isEmpty();
    }

    /** How often the record was sent back already. */
    int replays() {
        for (KafkaHeader header : headers()) {
            if (header.name().equals(REPLAYS_HEADER) && header.value() != null) {
                try {
                    return Integer.parseInt(new String(header.value(), StandardCharsets.UTF_8));
                } catch (NumberFormatException e) {
                    return 0; // A header of that name which is not ours.
                }
            }
        }
        return 0;
    }

    /** The record as it was read, marked with the number of this replay. */
    OutboundRecord sentBack() {
        List<KafkaHeader> headers = new ArrayList<>(headers());
        headers.removeIf(header -> header.name().equals(REPLAYS_HEADER));
        headers.add(
                new KafkaHeader(
                        REPLAYS_HEADER,
                        Integer.toString(replays() + 1).getBytes(StandardCharsets.UTF_8)));
        return new OutboundRecord(
                bytes(datum.get("key")),
                bytes(datum.get("value")),
                headers,
                (Long) datum.get("timestamp"));
    }

    /** What the dead-letter topic is told about it. */
    GenericRecord mark(long nowMillis) {
        GenericData.Record mark = new GenericData.Record(HeadraceSchemas.DEAD_LETTER);
        for (Schema.Field field : mark.getSchema().getFields()) {
            mark.put(field.pos(), datum.get(field.name()));
        }
        mark.put("value", null);
        mark.put("headers", List.of());
        mark.put("stage", REPLAYED);
        mark.put("message", "Sent back to topic " + topic() + ", replay " + (replays() + 1) + ".");
        mark.put("failedAt", nowMillis);
        return mark;
    }

    private List<KafkaHeader> headers() {
        List<KafkaHeader> headers = new ArrayList<>();
        for (Object header : (List<?>) datum.get("headers")) {
            GenericRecord record = (GenericRecord) header;
            headers.add(new KafkaHeader(record.get("name").toString(), bytes(record.get("value"))));
        }
        return headers;
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
}
