package io.headrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/** Compares texts: a schema's equality does not look at its documentation. */
class GoldenSchemasTest {

    private static Schema input() throws IOException {
        return new Schema.Parser().parse(resource("order.avsc"));
    }

    private static List<TaskField> tasks() {
        return List.of(
                new TaskField(
                        "intent",
                        ClassificationSchema.withEnum("intent", List.of("refund", "lost_card")),
                        "Class of the order's note."),
                new TaskField(
                        "summary", Schema.create(Schema.Type.STRING), "Summary of the note."));
    }

    @Test
    void derivesNestedNamespacedAndDocumentedFieldsAndLabelsAsAnEnum() throws IOException {
        assertThat(EnrichedSchema.derive(input(), tasks()).toString(true))
                .isEqualToNormalizingNewlines(resource("order-enriched.avsc").strip());
    }

    @Test
    void putsLabelsIntoTheEnumAndKeepsTheRest() {
        Schema schema = ClassificationSchema.withEnum("intent", List.of("refund", "lost_card"));
        GenericRecord plain = new GenericData.Record(HeadraceSchemas.CLASSIFICATION);
        plain.put("label", "refund");
        plain.put("probability", 0.7);
        plain.put("runnerUp", null);
        plain.put("margin", 0.4);

        GenericRecord converted = ClassificationSchema.toEnum(plain, schema);

        assertThat(GenericData.get().validate(schema, converted)).isTrue();
        assertThat(converted.get("label")).hasToString("refund");
        assertThat(converted.get("runnerUp")).isNull();
        assertThat(converted.get("margin")).isEqualTo(0.4);
    }

    @Test
    void saysThatALabelCanBeNoSymbol() {
        assertThatThrownBy(
                        () ->
                                ClassificationSchema.withEnum(
                                        "intent", List.of("refund", "lost card")))
                .isInstanceOf(SchemaDerivationException.class)
                .hasMessageContaining("'intent'")
                .hasMessageContaining("lost card");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(GoldenSchemasTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
