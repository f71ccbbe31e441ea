package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

class HostileAvroTest {

    private static final Schema ALL_TYPES =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "All", "fields": [
                              {"name": "flag", "type": "boolean"},
                              {"name": "small", "type": "int"},
                              {"name": "large", "type": "long"},
                              {"name": "narrow", "type": "float"},
                              {"name": "wide", "type": "double"},
                              {"name": "text", "type": "string"},
                              {"name": "raw", "type": "bytes"},
                              {"name": "digest",
                               "type": {"type": "fixed", "name": "Digest", "size": 3}},
                              {"name": "colour",
                               "type": {"type": "enum", "name": "Colour", "symbols": ["R", "G"]}},
                              {"name": "maybe", "type": ["null", "string"]},
                              {"name": "list", "type": {"type": "array", "items": "long"}},
                              {"name": "map", "type": {"type": "map", "values": "string"}}]}
                            """);
    private static final Schema NODE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Node", "fields": [
                              {"name": "next", "type": ["null", "Node"]}]}
                            """);

    @Test
    void decodesWhatAvroEncodes() throws Exception {
        GenericRecord record = allTypes();

        assertThat(decode(ALL_TYPES, encode(record))).isEqualTo(record);
    }

    @Test
    void skipsFieldsThatTheReaderDoesNotKnow() throws Exception {
        Schema onlyMap =
                SchemaBuilder.record("All")
                        .fields()
                        .name("map")
                        .type()
                        .map()
                        .values()
                        .stringType()
                        .noDefault()
                        .endRecord();
        AvroDecoding decoding = new AvroDecoding("a schema", ALL_TYPES, onlyMap);

        GenericRecord decoded = decoding.decode(encode(allTypes()), 0);

        assertThat(decoded.get("map")).hasToString("{k=v}");
    }

    @Test
    void saysThatAValueEndsEarlyWhereverItIsCut() throws Exception {
        byte[] whole = encode(allTypes());
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);

            assertThatThrownBy(() -> decode(ALL_TYPES, cut))
                    .isInstanceOf(RecordFormatException.class)
                    .hasMessageContaining("ends early");
        }
    }

    @Test
    void refusesTrailingBytes() throws Exception {
        byte[] longer = Arrays.copyOf(encode(allTypes()), 200);

        assertThatThrownBy(() -> decode(ALL_TYPES, longer))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("bytes more than");
    }

    @Test
    void allocatesNothingForLengthsThatTheBytesCannotHold() {
        byte[] twoGigabytes = {(byte) 0xfc, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
        for (String type :
                List.of(
                        "\"string\"",
                        "\"bytes\"",
                        "{\"type\": \"array\", \"items\": \"null\"}",
                        "{\"type\": \"array\", \"items\": \"long\"}",
                        "{\"type\": \"map\", \"values\": \"null\"}")) {
            Schema schema = recordOf(type);

            assertThatThrownBy(() -> decode(schema, twoGigabytes))
                    .as(type)
                    .isInstanceOf(RecordFormatException.class);
        }
    }

    @Test
    void boundsElementsWithoutBytesOverAllBlocksTogether() {
        Schema nulls = recordOf("{\"type\": \"array\", \"items\": \"null\"}");
        ByteBuffer blocks = ByteBuffer.allocate(300_000);
        while (blocks.remaining() >= 3) {
            // 65,000 nulls in three bytes.
            blocks.put(new byte[] {(byte) 0xd0, (byte) 0xf7, 0x07});
        }

        assertThatThrownBy(() -> decode(nulls, blocks.array()))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("claims");
    }

    @Test
    void refusesNestingThatWouldOverflowTheStack() {
        byte[] deep = new byte[1_000_000];
        Arrays.fill(deep, (byte) 2);

        assertThatThrownBy(() -> decode(NODE, deep))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("nested too deeply");
    }

    @Test
    void refusesWhatIsNotFramed() {
        assertThatThrownBy(() -> ConfluentFrame.schemaIdOf(new byte[] {0, 0, 0}))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("too short");
        assertThatThrownBy(
                        () ->
                                ConfluentFrame.schemaIdOf(
                                        "{\"a\": 1}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("not framed Avro");
    }

    private static Schema recordOf(String fieldType) {
        return new Schema.Parser()
                .parse(
                        "{\"type\": \"record\", \"name\": \"One\", \"fields\": [{\"name\": \"f\","
                                + " \"type\": "
                                + fieldType
                                + "}]}");
    }

    private static GenericRecord allTypes() {
        GenericRecord record = new GenericData.Record(ALL_TYPES);
        record.put("flag", true);
        record.put("small", -7);
        record.put("large", Long.MIN_VALUE);
        record.put("narrow", 1.5f);
        record.put("wide", -2.25);
        record.put("text", new Utf8("grüße"));
        record.put("raw", ByteBuffer.wrap(new byte[] {1, 2, 3}));
        record.put(
                "digest",
                new GenericData.Fixed(ALL_TYPES.getField("digest").schema(), new byte[] {4, 5, 6}));
        record.put(
                "colour", new GenericData.EnumSymbol(ALL_TYPES.getField("colour").schema(), "G"));
        record.put("maybe", new Utf8("there"));
        record.put("list", List.of(1L, -1L, Long.MAX_VALUE));
        record.put("map", Map.of(new Utf8("k"), new Utf8("v")));
        return record;
    }

    private static GenericRecord decode(Schema schema, byte[] bytes) throws RecordFormatException {
        return new AvroDecoding("a schema", schema, schema).decode(bytes, 0);
    }

    private static byte[] encode(GenericRecord record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
