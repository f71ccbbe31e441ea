package io.headrace.connectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonReaderTest extends RecordReaderContract {

    private static final Schema SCHEMA =
            new Schema.Parser()
                    .parse(
                            """
                            {"type": "record", "name": "Order", "fields": [
                              {"name": "id", "type": "int"},
                              {"name": "note", "type": ["null", "string"]},
                              {"name": "kind", "default": "NEW",
                               "type": {"type": "enum", "name": "Kind", "symbols": ["NEW", "OLD"]}},
                              {"name": "price", "type": ["null", "double", "string"]},
                              {"name": "at", "default": 0,
                               "type": {"type": "long", "logicalType": "timestamp-millis"}},
                              {"name": "raw", "type": ["null", "bytes"]},
                              {"name": "tags", "default": [],
                               "type": {"type": "array", "items": "string"}},
                              {"name": "counts", "default": {},
                               "type": {"type": "map", "values": "long"}},
                              {"name": "customer", "type": ["null",
                                {"type": "record", "name": "Customer", "fields": [
                                  {"name": "name", "type": "string"}]}]}]}
                            """);

    @Override
    RecordReader reader() {
        return new JsonReader(Optional.of(SCHEMA));
    }

    @Override
    byte[] example() {
        return """
                {"id": 7, "note": "früh", "price": 1.5, "at": "1970-01-01T00:00:01Z", "raw": "AQI=",
                 "tags": ["a", "b"], "counts": {"x": 3}, "customer": {"name": "Ann"}, "other": [{}]}
                """
                .getBytes(UTF_8);
    }

    @Override
    String expected() {
        return "{\"id\": 7, \"note\": \"früh\", \"kind\": \"NEW\", \"price\": 1.5, \"at\": 1000,"
                + " \"raw\": \"\\u0001\\u0002\", \"tags\": [\"a\", \"b\"],"
                + " \"counts\": {\"x\": 3}, \"customer\": {\"name\": \"Ann\"}}";
    }

    @Override
    List<byte[]> malformed() {
        return Stream.of("", "null", "[]", "{", "{\"id\": 7} {}", "{\"id\": 1, \"id\": 2}", "text")
                .map(text -> text.getBytes(UTF_8))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{}|no member id, which the schema requires",
                "{\"id\": 1.5}|member id is no int: a number is there",
                "{\"id\": 3000000000}|member id is no int",
                "{\"id\": 1, \"note\": 5}|member note is no string: a number is there",
                "{\"id\": 1, \"kind\": \"ODD\"}|member kind is no enum",
                "{\"id\": 1, \"price\": true}|member price is no value of any type",
                "{\"id\": 1, \"at\": \"yesterday\"}|member at is no timestamp-millis",
                "{\"id\": 1, \"raw\": \"?\"}|member raw is no bytes",
                "{\"id\": 1, \"tags\": [\"a\", 2]}|member tags[1] is no string",
                "{\"id\": 1, \"counts\": {\"x\": \"y\"}}|member counts.x is no long",
                "{\"id\": 1, \"customer\": {}}|no member customer.name",
                "{\"id\": 1, \"customer\": []}|member customer is no object"
            })
    void namesTheMemberThatDoesNotFit(String json, String message) {
        assertThatThrownBy(() -> reader().read(json.getBytes(UTF_8)))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining(message);
    }

    @Test
    void findsASchemaForJsonThatComesWithout() throws Exception {
        String json =
                """
                {"id": 3000000000, "ok": true, "part": 0.5, "nothing": null, "text": "t",
                 "lines": [{"sku": "a", "n": 1}, {"sku": "b", "gift": true}],
                 "mixed": [1, "a", null], "numbers": [1, 2.5], "none": []}
                """;

        GenericRecord record = new JsonReader(Optional.empty()).read(json.getBytes(UTF_8));

        assertThat(new JsonWriter().write(record))
                .asString(UTF_8)
                .isEqualTo(
                        "{\"id\":3000000000,\"ok\":true,\"part\":0.5,\"nothing\":null,\"text\":\"t\","
                                + "\"lines\":[{\"sku\":\"a\",\"n\":1,\"gift\":null},"
                                + "{\"sku\":\"b\",\"n\":null,\"gift\":true}],"
                                + "\"mixed\":[1,\"a\",null],\"numbers\":[1.0,2.5],\"none\":[]}");
    }

    @Test
    void saysWhichMemberCannotBeAFieldWithoutASchema() {
        assertThatThrownBy(
                        () ->
                                new JsonReader(Optional.empty())
                                        .read("{\"customer-id\": 1}".getBytes(UTF_8)))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("customer-id");
    }

    @Test
    void refusesDeepNesting() {
        String deep = "{\"a\":".repeat(50_000);

        assertThatThrownBy(() -> new JsonReader(Optional.empty()).read(deep.getBytes(UTF_8)))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("nesting depth");
    }

    @Test
    void writesWhatItReads() throws Exception {
        GenericRecord record = reader().read(example());

        assertThat(reader().read(new JsonWriter().write(record))).isEqualTo(record);
    }
}
