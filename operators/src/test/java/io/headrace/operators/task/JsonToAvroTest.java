package io.headrace.operators.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonToAvroTest {

    private static final Schema AMOUNT =
            LogicalTypes.decimal(7, 2).addToSchema(Schema.create(Schema.Type.BYTES));

    private static final Schema ORDER =
            SchemaBuilder.record("Order")
                    .fields()
                    .requiredString("product")
                    .optionalInt("count")
                    .name("amount")
                    .type(AMOUNT)
                    .noDefault()
                    .name("day")
                    .type(LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT)))
                    .noDefault()
                    .name("tags")
                    .type()
                    .array()
                    .items()
                    .stringType()
                    .noDefault()
                    .name("note")
                    .type()
                    .stringType()
                    .stringDefault("none")
                    .endRecord();

    @Test
    void convertsEveryFieldToItsType() {
        GenericRecord order =
                (GenericRecord)
                        JsonToAvro.convert(
                                "{\"product\":\"Visa\",\"count\":3,\"amount\":\"12.5\","
                                        + "\"day\":\"2026-02-28\",\"tags\":[\"a\",\"b\"]}",
                                ORDER);
        assertThat(GenericData.get().validate(ORDER, order)).isTrue();
        assertThat(order.get("product")).isEqualTo("Visa");
        assertThat(order.get("count")).isEqualTo(3);
        assertThat(
                        new Conversions.DecimalConversion()
                                .fromBytes(
                                        (ByteBuffer) order.get("amount"),
                                        AMOUNT,
                                        AMOUNT.getLogicalType()))
                .isEqualTo(new BigDecimal("12.50"));
        assertThat(order.get("day")).isEqualTo((int) LocalDate.of(2026, 2, 28).toEpochDay());
        assertThat(order.get("note")).hasToString("none");
    }

    @Test
    void givesNullWhereTheTypeAllowsItAndTheValueDoesNotFit() {
        GenericRecord order =
                (GenericRecord)
                        JsonToAvro.convert(
                                "{\"product\":\"x\",\"count\":3000000000,\"amount\":\"1\","
                                        + "\"day\":\"2026-02-28\",\"tags\":[]}",
                                ORDER);
        assertThat(order.get("count")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"x\"' | int | is no int",
                "1.5 | int | is no int",
                "3000000000 | int | is no int",
                "1e400 | double | is no double",
                "1 | string | is no string",
                "'\"yes\"' | boolean | is no boolean",
                "null | string | is no string",
                "'{' | string | not JSON",
                "'1 2' | int | not JSON",
            })
    void refusesWhatTheTypeCannotHold(String json, String type, String message) {
        Schema schema = Schema.create(Schema.Type.valueOf(type.toUpperCase(java.util.Locale.ROOT)));
        assertThatThrownBy(() -> JsonToAvro.convert(json, schema))
                .isInstanceOf(ResultConversionException.class)
                .hasMessageContaining(message);
    }

    @Test
    void saysWhichFieldIsWrong() {
        assertThatThrownBy(
                        () ->
                                JsonToAvro.convert(
                                        "{\"product\":\"x\",\"count\":1,\"amount\":\"1\","
                                                + "\"day\":\"2026-02-30\",\"tags\":[]}",
                                        ORDER))
                .hasMessageContaining("Order.day")
                .hasMessageContaining("2026-02-30");
    }
}
