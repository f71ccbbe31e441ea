package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import org.junit.jupiter.api.Test;

class ConfluentAvroReaderTest extends RecordReaderContract {

    private static final Schema SCHEMA =
            SchemaBuilder.record("Message").fields().requiredString("body").endRecord();
    private static final Schema NEEDS_MORE =
            SchemaBuilder.record("Message")
                    .fields()
                    .requiredString("body")
                    .requiredString("author")
                    .endRecord();

    private final SchemaRegistry registry =
            SchemaRegistry.over(
                    new MockSchemaRegistryClient(List.of(new AvroSchemaProvider())), "memory");

    @Override
    RecordReader reader() {
        return new ConfluentAvroReader(registry, Optional.empty());
    }

    @Override
    byte[] example() {
        return new ConfluentAvroWriter(registry, "subject")
                .write(new GenericRecordBuilder(SCHEMA).set("body", "hi").build());
    }

    @Override
    String expected() {
        return "{\"body\": \"hi\"}";
    }

    @Override
    List<byte[]> malformed() {
        byte[] valid = example();
        byte[] unknownId = valid.clone();
        unknownId[4] = 99;
        byte[] wrongMagic = valid.clone();
        wrongMagic[0] = 1;
        return List.of(
                new byte[0],
                new byte[] {0, 0, 0, 0, 1},
                Arrays.copyOf(valid, valid.length - 1),
                Arrays.copyOf(valid, valid.length + 1),
                unknownId,
                wrongMagic);
    }

    @Test
    void saysWhyARecordCannotBeReadWithTheReadersSchema() {
        ConfluentAvroReader reader = new ConfluentAvroReader(registry, Optional.of(NEEDS_MORE));

        assertThatThrownBy(() -> reader.read(example()))
                .isInstanceOf(RecordFormatException.class)
                .hasMessageContaining("author");
    }

    @Test
    void keepsTheFieldsThatANewerWriterAdded() throws Exception {
        RecordReader reader = reader();
        reader.read(example());
        Schema newer =
                SchemaBuilder.record("Message")
                        .fields()
                        .requiredString("body")
                        .optionalString("language")
                        .endRecord();
        byte[] value =
                new ConfluentAvroWriter(registry, "subject")
                        .write(
                                new GenericRecordBuilder(newer)
                                        .set("body", "hi")
                                        .set("language", "en")
                                        .build());

        assertThat(reader.read(value)).hasToString("{\"body\": \"hi\", \"language\": \"en\"}");
    }
}
