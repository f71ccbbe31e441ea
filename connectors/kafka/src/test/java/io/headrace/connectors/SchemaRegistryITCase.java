package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;

class SchemaRegistryITCase {

    private static final Schema FIRST =
            SchemaBuilder.record("Message")
                    .namespace("io.headrace.test")
                    .doc("A message.")
                    .fields()
                    .requiredString("id")
                    .requiredString("body")
                    .endRecord();
    private static final Schema SECOND =
            SchemaBuilder.record("Message")
                    .namespace("io.headrace.test")
                    .fields()
                    .requiredString("id")
                    .requiredString("body")
                    .optionalLong("sentAt")
                    .endRecord();
    private static final Schema CLASHING =
            SchemaBuilder.record("Message")
                    .namespace("io.headrace.test")
                    .fields()
                    .requiredString("id")
                    .requiredInt("body")
                    .endRecord();

    @Test
    void givesBackWhatWasRegisteredInAnotherSession() {
        String subject = Servers.uniqueName("round-trip") + "-value";
        int id;
        try (SchemaRegistry registry = Servers.openRegistry()) {
            assertThat(registry.latest(subject)).isEmpty();
            assertThat(registry.incompatibilities(subject, FIRST)).isEmpty();
            id = registry.register(subject, FIRST);
            assertThat(registry.register(subject, FIRST)).isEqualTo(id);
        }
        try (SchemaRegistry registry = Servers.openRegistry()) {
            assertThat(registry.schemaById(id)).isEqualTo(FIRST);
            assertThat(registry.schemaById(id).getDoc()).isEqualTo("A message.");
            assertThat(registry.latest(subject)).contains(FIRST);
        }
    }

    @Test
    void saysWhatIsIncompatibleAndRefusesToRegisterIt() {
        String subject = Servers.uniqueName("clash") + "-value";
        try (SchemaRegistry registry = Servers.openRegistry()) {
            registry.register(subject, FIRST);

            assertThat(registry.incompatibilities(subject, SECOND)).isEmpty();
            assertThat(registry.incompatibilities(subject, CLASHING))
                    .isNotEmpty()
                    .anySatisfy(reason -> assertThat(reason).contains("body"));
            assertThatThrownBy(() -> registry.register(subject, CLASHING))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining(subject)
                    .hasMessageContaining("incompatible");
        }
    }

    @Test
    void readsSeveralVersionsWithTheirOwnSchemasOrWithOne() throws Exception {
        String subject = Servers.uniqueName("versions") + "-value";
        try (SchemaRegistry registry = Servers.openRegistry()) {
            ConfluentAvroWriter writer = new ConfluentAvroWriter(registry, subject);
            byte[] first = writer.write(message(FIRST, "1"));
            byte[] second =
                    writer.write(
                            new GenericRecordBuilder(message(SECOND, "2"))
                                    .set("sentAt", 7L)
                                    .build());
            ConfluentAvroReader asWritten = new ConfluentAvroReader(registry, Optional.empty());
            ConfluentAvroReader asSecond = new ConfluentAvroReader(registry, Optional.of(SECOND));

            assertThat(asWritten.read(first).getSchema()).isEqualTo(FIRST);
            assertThat(asWritten.read(second).get("sentAt")).isEqualTo(7L);
            assertThat(asSecond.read(first).getSchema()).isEqualTo(SECOND);
            assertThat(asSecond.read(first).get("sentAt")).isNull();
            assertThat(asSecond.read(second).get("sentAt")).isEqualTo(7L);
        }
    }

    @Test
    void refusesARecordThatNamesAnUnknownSchemaForGood() {
        byte[] value = ByteBuffer.allocate(7).putInt(1, 987_654).array();
        try (SchemaRegistry registry = Servers.openRegistry()) {
            ConfluentAvroReader reader = new ConfluentAvroReader(registry, Optional.empty());

            assertThatThrownBy(() -> reader.read(value))
                    .isInstanceOf(RecordFormatException.class)
                    .hasMessageContaining("no schema with id 987654");
        }
    }

    @Test
    void tellsARegistryThatIsDownFromOneThatRefuses() {
        String nowhere = "http://127.0.0.1:9/apis/ccompat/v7";
        byte[] value = ByteBuffer.allocate(7).putInt(1, 1).array();
        try (SchemaRegistry registry = SchemaRegistry.connect(SchemaRegistryConfig.of(nowhere))) {
            ConfluentAvroReader reader = new ConfluentAvroReader(registry, Optional.empty());

            assertThatThrownBy(() -> reader.read(value))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining(nowhere)
                    .hasMessageContaining("could not be reached to look up schema id 1");
            assertThatThrownBy(() -> registry.register("any-value", FIRST))
                    .isInstanceOf(RegistryUnavailableException.class);
        }
    }

    @Test
    void readsKnownSchemasWhileTheRegistryIsDownAndNewOnesOnceItIsBack() throws Exception {
        String subject = Servers.uniqueName("outage") + "-value";
        try (SchemaRegistry registry = Servers.openRegistry();
                SchemaRegistry stranger = Servers.openRegistry()) {
            byte[] value = new ConfluentAvroWriter(registry, subject).write(message(FIRST, "1"));
            ConfluentAvroReader knowing = new ConfluentAvroReader(registry, Optional.empty());
            ConfluentAvroReader unknowing = new ConfluentAvroReader(stranger, Optional.empty());
            knowing.read(value);
            Servers.registry().stop();
            try {
                assertThat(knowing.read(value).get("id")).hasToString("1");
                assertThatThrownBy(() -> unknowing.read(value))
                        .isInstanceOf(RegistryUnavailableException.class);
            } finally {
                Servers.registry().restart();
            }

            assertThat(unknowing.read(value).get("id")).hasToString("1");
        }
    }

    @Test
    void saysThatSomethingElseAnswersAtTheUrl() {
        String root = Servers.registry().url().replace("/apis/ccompat/v7", "/no-such-api");
        try (SchemaRegistry registry = SchemaRegistry.connect(SchemaRegistryConfig.of(root))) {
            assertThatThrownBy(() -> registry.register("any-value", FIRST))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining(root);
        }
    }

    private static GenericData.Record message(Schema schema, String id) {
        return new GenericRecordBuilder(schema).set("id", id).set("body", "text " + id).build();
    }
}
