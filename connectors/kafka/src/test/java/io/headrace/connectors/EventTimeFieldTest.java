package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class EventTimeFieldTest {

    private static final Schema SCHEMA =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Event", "fields": [
                              {"name": "plain", "type": "long"},
                              {"name": "micros", "type": ["null",
                                {"type": "long", "logicalType": "timestamp-micros"}]},
                              {"name": "day", "type": {"type": "int", "logicalType": "date"}},
                              {"name": "text", "type": "string"},
                              {"name": "flag", "type": "boolean"},
                              {"name": "meta", "type": {"type": "record", "name": "Meta", "fields": [
                                {"name": "sentAt",
                                 "type": {"type": "long", "logicalType": "timestamp-millis"}}]}}]}
                            """);

    @Test
    void readsMillisecondsFromEveryKindOfTime() throws Exception {
        GenericRecord event = event();

        assertThat(new EventTimeField("plain").millisOf(event)).isEqualTo(1_000L);
        assertThat(new EventTimeField("micros").millisOf(event)).isEqualTo(2_000L);
        assertThat(new EventTimeField("day").millisOf(event)).isEqualTo(86_400_000L);
        assertThat(new EventTimeField("text").millisOf(event)).isEqualTo(3_000L);
        assertThat(new EventTimeField("meta.sentAt").millisOf(event)).isEqualTo(4_000L);
    }

    @Test
    void refusesARecordWithoutATime() {
        GenericRecord event = event();
        event.put("micros", null);
        event.put("text", "yesterday");

        for (String field : new String[] {"micros", "text", "flag", "absent", "meta.absent"}) {
            assertThatThrownBy(() -> new EventTimeField(field).millisOf(event))
                    .isInstanceOf(RecordFormatException.class)
                    .hasMessageContaining("has no event time")
                    .hasMessageContaining(field);
        }
    }

    @Test
    void isCheckedAgainstASchemaBeforeTheStart() {
        assertThatCode(() -> new EventTimeField("meta.sentAt").requireIn(SCHEMA))
                .doesNotThrowAnyException();
        assertThatCode(() -> new EventTimeField("micros").requireIn(SCHEMA))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> new EventTimeField("micro").requireIn(SCHEMA))
                .hasMessageContaining("nearest field is micros");
        assertThatThrownBy(() -> new EventTimeField("meta.created").requireIn(SCHEMA))
                .hasMessageContaining("its fields are sentAt");
        assertThatThrownBy(() -> new EventTimeField("flag").requireIn(SCHEMA))
                .hasMessageContaining("is of type boolean");
    }

    private static GenericRecord event() {
        GenericRecord meta = new GenericData.Record(SCHEMA.getField("meta").schema());
        meta.put("sentAt", 4_000L);
        GenericRecord event = new GenericData.Record(SCHEMA);
        event.put("plain", 1_000L);
        event.put("micros", 2_000_999L);
        event.put("day", 1);
        event.put("text", "1970-01-01T01:00:03+01:00");
        event.put("flag", true);
        event.put("meta", meta);
        return event;
    }
}
