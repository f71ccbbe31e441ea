package io.headrace.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaCompatibility;
import org.junit.jupiter.api.Test;

class EnrichedSchemaTest {

    private static final Schema MESSAGE =
            SchemaBuilder.record("Message")
                    .namespace("shop")
                    .doc("A message of a customer.")
                    .fields()
                    .requiredString("customer_id")
                    .name("sent_at")
                    .doc("When it was sent.")
                    .type(
                            LogicalTypes.timestampMillis()
                                    .addToSchema(Schema.create(Schema.Type.LONG)))
                    .noDefault()
                    .optionalString("body")
                    .endRecord();

    private static final Schema BOOKING =
            SchemaBuilder.record("Booking")
                    .namespace("shop.results")
                    .fields()
                    .optionalInt("people")
                    .endRecord();

    private static final List<TaskField> TASKS =
            List.of(
                    new TaskField(
                            "intent", HeadraceSchemas.CLASSIFICATION, "Class of the message."),
                    new TaskField("booking", BOOKING, "Fields of the message."),
                    new TaskField("summary", Schema.create(Schema.Type.STRING), "Summary."));

    @Test
    void derivesTheGoldenSchema() throws IOException {
        try (InputStream golden =
                Objects.requireNonNull(getClass().getResourceAsStream("message-enriched.avsc"))) {
            assertThat(EnrichedSchema.derive(MESSAGE, TASKS))
                    .isEqualTo(new Schema.Parser().parse(golden));
        }
    }

    @Test
    void survivesARoundTripThroughText() {
        Schema derived = EnrichedSchema.derive(MESSAGE, TASKS);
        assertThat(new Schema.Parser().parse(derived.toString())).isEqualTo(derived);
    }

    @Test
    void staysBackwardCompatibleWhenATaskIsAdded() {
        Schema before = EnrichedSchema.derive(MESSAGE, TASKS.subList(0, 1));
        Schema after = EnrichedSchema.derive(MESSAGE, TASKS);
        assertThat(SchemaCompatibility.checkReaderWriterCompatibility(after, before).getType())
                .isEqualTo(SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE);
    }

    @Test
    void refusesATaskThatBearsTheNameOfAnInputField() {
        List<TaskField> clash =
                List.of(new TaskField("body", Schema.create(Schema.Type.STRING), ""));
        assertThatThrownBy(() -> EnrichedSchema.derive(MESSAGE, clash))
                .isInstanceOf(SchemaDerivationException.class)
                .hasMessageContaining("'body'")
                .hasMessageContaining("rename");
    }

    @Test
    void refusesAnInputThatIsNoRecord() {
        assertThatThrownBy(
                        () -> EnrichedSchema.derive(Schema.create(Schema.Type.STRING), List.of()))
                .hasMessageContaining("must be a record");
    }

    @Test
    void refusesTwoDefinitionsOfOneType() {
        Schema other =
                SchemaBuilder.record("Booking")
                        .namespace("shop.results")
                        .fields()
                        .optionalString("place")
                        .endRecord();
        List<TaskField> clash =
                List.of(new TaskField("one", BOOKING, ""), new TaskField("two", other, ""));
        assertThatThrownBy(() -> EnrichedSchema.derive(MESSAGE, clash))
                .hasMessageContaining("shop.results.Booking")
                .hasMessageContaining("two different ways");
    }

    @Test
    void refusesATaskNameThatIsNoAvroName() {
        List<TaskField> bad =
                List.of(new TaskField("my-task", Schema.create(Schema.Type.STRING), ""));
        assertThatThrownBy(() -> EnrichedSchema.derive(MESSAGE, bad))
                .hasMessageContaining("my-task")
                .hasMessageContaining("underscores");
    }
}
