package io.headrace.jobs;

import io.headrace.connectors.KafkaRecord;
import io.headrace.connectors.OutboundRecord;
import io.headrace.connectors.TextRecord;
import io.headrace.operators.TextWindow;
import io.headrace.schemas.HeadraceSchemas;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * An output record for each window, at the end of its time.
 *
 * @param keyIsKafkas whether the windows' keys are the bytes of Kafka's keys, as {@link
 *     RecordPreparation} makes texts of them, rather than a field's value
 */
record WindowOutput(boolean keyIsKafkas) implements OutputForm<TextWindow<String, TextRecord>> {

    @Override
    public GenericRecord fields(TextWindow<String, TextRecord> window) {
        GenericData.Record datum = new GenericData.Record(HeadraceSchemas.WINDOW);
        datum.put("key", new String(key(window), StandardCharsets.UTF_8));
        datum.put("windowStart", window.start());
        datum.put("windowEnd", window.end());
        datum.put("part", window.part());
        datum.put("records", window.records().size());
        return datum;
    }

    @Override
    public OutboundRecord outbound(
            TextWindow<String, TextRecord> window, byte[] value, Long eventTime) {
        return new OutboundRecord(key(window), value, List.of(), window.end() - 1);
    }

    private byte[] key(TextWindow<String, TextRecord> window) {
        Charset charset = keyIsKafkas ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
        return window.key().getBytes(charset);
    }

    @Override
    public List<KafkaRecord> sources(TextWindow<String, TextRecord> window) {
        return window.records().stream().map(TextRecord::source).toList();
    }
}
