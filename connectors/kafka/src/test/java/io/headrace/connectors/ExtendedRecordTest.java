package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class ExtendedRecordTest {

    private static final Schema PLAIN =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Order","fields":[
                             {"name":"id","type":"long"},
                             {"name":"note","type":["null","string"]},
                             {"name":"paid","type":["boolean","null"]},
                             {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["A","B"]}},
                             {"name":"raw","type":["null","bytes"]},
                             {"name":"size","type":["int","double"]},
                             {"name":"buyer","type":["null",{"type":"record","name":"Buyer","fields":[
                              {"name":"name","type":"string"},
                              {"name":"referrer","type":["null","Buyer"]}]}]}]}\
                            """);
    private static final Schema LISTED =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Listed","fields":[
                             {"name":"items","type":{"type":"array","items":"int"}}]}\
                            """);

    @Test
    void isTheSameWhetherItsBaseIsDecodedOrWrittenOnAsItIs() throws Exception {
        byte[] value = encoded(order());
        PlainAvroReader reader = new PlainAvroReader(PLAIN);
        Schema extended = extended(PLAIN);

        GenericRecord again = reader.readAgain(value);
        byte[] writtenOn = encoded(new ExtendedRecord(extended, again, added()));

        assertThat(again).isInstanceOf(EncodedRecord.class);
        assertThat(writtenOn)
                .isEqualTo(encoded(new ExtendedRecord(extended, reader.read(value), added())))
                .startsWith(value);
        GenericRecord decoded = decoded(extended, writtenOn);
        assertThat(decoded.get("note")).hasToString("grün");
        assertThat(decoded.get("buyer")).hasToString(order().get("buyer").toString());
        assertThat(decoded.get("label")).hasToString("refund");
        assertThat(decoded.get("nothing")).isNull();
        assertThat(again.get("note")).hasToString("grün");
        assertThat(new ExtendedRecord(extended, again, added()).get("label")).isEqualTo("refund");
    }

    /** Ours do not look at the size of a block, and those do who skip it. */
    @Test
    void writesBlocksAnewWhoseSizesMayBeWrong() throws Exception {
        byte[] wrongSize = {1, 4, 2, 0}; // one item in what is said to be two bytes; the end
        PlainAvroReader reader = new PlainAvroReader(LISTED);

        byte[] written =
                encoded(new ExtendedRecord(extended(LISTED), reader.readAgain(wrongSize), added()));

        assertThat(decoded(extended(LISTED), written).get("items")).isEqualTo(List.of(1));
        assertThat(Arrays.copyOf(written, 3)).containsExactly(2, 2, 0);
    }

    @Test
    void refusesIntsInMoreBytesThanOthersTake() {
        Schema schema =
                new Schema.Parser()
                        .parse(
                                """
                                {"type":"record","name":"One","fields":[
                                 {"name":"value","type":"int"}]}\
                                """);
        byte[] six = {(byte) 0x82, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0};

        assertThatThrownBy(() -> new PlainAvroReader(schema).read(six))
                .isInstanceOf(RecordFormatException.class);
    }

    private static GenericRecord order() {
        Schema buyerSchema = PLAIN.getField("buyer").schema().getTypes().get(1);
        GenericRecord referrer = new GenericData.Record(buyerSchema);
        referrer.put("name", "Ada");
        GenericRecord buyer = new GenericData.Record(buyerSchema);
        buyer.put("name", "Bo");
        buyer.put("referrer", referrer);
        GenericRecord order = new GenericData.Record(PLAIN);
        order.put("id", Long.MIN_VALUE);
        order.put("note", "grün");
        order.put("paid", true);
        order.put("kind", new GenericData.EnumSymbol(PLAIN.getField("kind").schema(), "B"));
        order.put("raw", ByteBuffer.wrap(new byte[] {1, 2}));
        order.put("size", 0.5);
        order.put("buyer", buyer);
        return order;
    }

    private static Schema extended(Schema base) {
        List<Schema.Field> fields = new ArrayList<>();
        base.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        Schema text =
                Schema.createUnion(
                        Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING));
        fields.add(new Schema.Field("label", text));
        fields.add(new Schema.Field("nothing", text));
        return Schema.createRecord("Extended", null, null, false, fields);
    }

    private static List<Object> added() {
        return Arrays.asList("refund", null);
    }

    private static byte[] encoded(GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new RecordDatumWriter(record.getSchema()).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static GenericRecord decoded(Schema schema, byte[] bytes) throws IOException {
        return new GenericDatumReader<GenericRecord>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    }
}
