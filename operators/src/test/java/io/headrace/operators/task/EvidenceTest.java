package io.headrace.operators.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.InferenceResult;
import io.headrace.inference.Usage;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvidenceTest {

    private static final Usage USAGE = new Usage(1, 0, 1, 0, 0);

    private static GenericRecord extracted(Extract task, String text, String json) {
        Step step =
                task.step(
                        text,
                        List.of(new InferenceResult.Generated(json, false, USAGE)),
                        TestBudget.WIDE);
        Object datum = task.toAvro(((Step.Done) step).result());
        assertThat(GenericData.get().validate(task.field().schema(), datum)).isTrue();
        return (GenericRecord) datum;
    }

    private static String quote(String text, Object span) {
        if (span == null) {
            return null;
        }
        int start = text.offsetByCodePoints(0, (int) ((GenericRecord) span).get("start"));
        int end = text.offsetByCodePoints(0, (int) ((GenericRecord) span).get("end"));
        return text.substring(start, end);
    }

    private static Schema type(String type) {
        return switch (type) {
            case "date" -> LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
            case "time" -> LogicalTypes.timeMillis().addToSchema(Schema.create(Schema.Type.INT));
            case "timestamp" ->
                    LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
            case "decimal" ->
                    LogicalTypes.decimal(9, 2).addToSchema(Schema.create(Schema.Type.BYTES));
            case "enum" ->
                    SchemaBuilder.enumeration("Kind").symbols("EUR", "LOST_CARD", "OTHER_THING");
            default -> Schema.create(Schema.Type.valueOf(type.toUpperCase(java.util.Locale.ROOT)));
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    string    | "Visa card"                 | my visa card, the Visa card  | Visa card
                    string    | "visa card"                 | my Visa\u00a0 card please    | `Visa\u00a0 card`
                    string    | "art"                       | a part of art                | art
                    string    | "東京"                       | 私は東京に住んで              | 東京
                    string    | "Mona Lisa"                 | Mona and Lisa                |
                    string    | "a.c"                       | abc                          |
                    string    | "\\u00a0"                   | nothing                      |
                    int       | 2                           | in 2026 for 2 people         | 2
                    int       | 2                           | for 12 or 2.5 or 3.2         |
                    long      | 1234567                     | it was 1,234,567 dollars     | 1,234,567
                    double    | 12.5                        | paid 12.50 EUR               | 12.50
                    double    | 1234.5                      | kostet 1.234,50 EUR          | 1.234,50
                    int       | -5                          | at -5 degrees                | -5
                    decimal   | "12.5"                      | it is €12.50!                | 12.50
                    boolean   | true                        | it is true                   |
                    enum      | "EUR"                       | 20 eur                       | eur
                    enum      | "LOST_CARD"                 | a lost card                  | lost card
                    enum      | "OTHER_THING"               | a lost card                  |
                    date      | "2026-02-05"                | on 2026-02-05.               | 2026-02-05
                    date      | "2026-02-05"                | on 5.2.26 at noon            | 5.2.26
                    date      | "2026-02-05"                | on 02/05/2026                | 02/05/2026
                    date      | "2026-02-05"                | on the 5th of February 2026  | 5th of February 2026
                    date      | "2026-02-05"                | on Feb 5, 2026               | Feb 5, 2026
                    date      | "2026-02-05"                | on 5 February                | 5 February
                    date      | "2026-02-05"                | on 15 February 2026          |
                    time      | "14:30:00"                  | at 2:30 pm today             | 2:30 pm
                    time      | "14:00:00"                  | at 2pm today                 | 2pm
                    time      | "09:05:00"                  | at 9:05 today                | 9:05
                    time      | "09:05:00"                  | at 19:05 today               |
                    timestamp | "2026-02-05T14:30:00Z"      | 5 Feb 2026 at 14:30 then     | 5 Feb 2026 at 14:30
                    timestamp | "2026-02-05T14:30:00+01:00" | 2026-02-05T14:30:00+01:00    | 2026-02-05T14:30:00+01:00
                    """)
    void findsAValueInItsSpellings(String type, String value, String text, String quote) {
        Schema schema =
                SchemaBuilder.record("R")
                        .fields()
                        .name("v")
                        .type(type(type))
                        .noDefault()
                        .endRecord();
        Extract task = new Extract("x", schema, false, 50).withEvidence();
        GenericRecord datum = extracted(task, text, "{\"v\":" + value + "}");
        GenericRecord evidence = (GenericRecord) datum.get("evidence");
        assertThat(quote(text, evidence.get("v"))).isEqualTo(quote);
    }

    private static final Schema ORDER =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Order","namespace":"shop","fields":[
                             {"name":"customer","type":["null",{"type":"record","name":"Customer","fields":[
                               {"name":"name","type":["null","string"],"default":null}]}],"default":null},
                             {"name":"size","type":["null","int","string"],"default":null},
                             {"name":"items","type":{"type":"array","items":{"type":"record","name":"Item",
                               "fields":[{"name":"what","type":"string"},{"name":"count","type":"int"}]}}},
                             {"name":"tags","type":{"type":"array","items":"string"}}]}""");

    @Test
    void mirrorsNestedRecordsArraysAndUnionsInCodePoints() {
        Extract task = new Extract("order", ORDER, false, 50).withEvidence();
        String text = "🙂🙂 Ann wants 2 cups, 2 plates, size XL, red red";
        GenericRecord order =
                extracted(
                        task,
                        text,
                        """
                        {"customer":{"name":"Ann"},"size":"XL","items":[{"what":"cups","count":2},
                        {"what":"plates","count":2}],"tags":["red","red","blue"]}""");
        GenericRecord evidence = (GenericRecord) order.get("evidence");
        GenericRecord customer = (GenericRecord) evidence.get("customer");
        assertThat(((GenericRecord) customer.get("name")).get("start")).isEqualTo(3);
        assertThat(quote(text, customer.get("name"))).isEqualTo("Ann");
        assertThat(quote(text, evidence.get("size"))).isEqualTo("XL");
        List<?> items = (List<?>) evidence.get("items");
        GenericRecord second = (GenericRecord) ((GenericRecord) items.get(1)).get("count");
        assertThat(second.get("start")).isEqualTo(text.codePointCount(0, text.indexOf("2 plates")));
        List<?> tags = (List<?>) evidence.get("tags");
        assertThat(((GenericRecord) tags.get(1)).get("end"))
                .isEqualTo(text.codePointCount(0, text.length()));
        assertThat(tags.get(2)).isNull();
    }

    @Test
    void addsANullableFieldThatOldReadersAndWritersLiveWith() {
        Schema plain = new Extract("order", ORDER, false, 50).field().schema();
        Schema with = new Extract("order", ORDER, false, 50).withEvidence().field().schema();
        assertThat(plain).isEqualTo(ORDER);
        assertThat(
                        org.apache.avro.SchemaCompatibility.checkReaderWriterCompatibility(
                                        with, plain)
                                .getType())
                .isEqualTo(org.apache.avro.SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE);
        assertThat(
                        org.apache.avro.SchemaCompatibility.checkReaderWriterCompatibility(
                                        plain, with)
                                .getType())
                .isEqualTo(org.apache.avro.SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE);
        assertThat(new Schema.Parser().parse(with.toString())).isEqualTo(with);
    }

    @Test
    void refusesSchemasWithoutRoomForEvidence() {
        Schema taken = SchemaBuilder.record("R").fields().requiredString("evidence").endRecord();
        assertThatThrownBy(() -> new Extract("x", taken, false, 9).withEvidence())
                .hasMessageContaining("field 'evidence' already");
        Schema clash =
                SchemaBuilder.record("R")
                        .fields()
                        .name("e")
                        .type()
                        .enumeration("REvidence")
                        .symbols("A")
                        .noDefault()
                        .endRecord();
        assertThatThrownBy(() -> new Extract("x", clash, false, 9).withEvidence())
                .hasMessageContaining("REvidence");
    }
}
