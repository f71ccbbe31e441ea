package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.headrace.connectors.testing.MutatedAvro;
import io.headrace.connectors.testing.RandomAvro;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import org.junit.jupiter.api.Test;

class FuzzedAvroTest {

    private static final int MESSAGES = 100_000;
    private static final long SEED = 20_261_121;

    private final Random random = new Random(SEED);
    private final SchemaRegistry registry =
            SchemaRegistry.over(
                    new MockSchemaRegistryClient(List.of(new AvroSchemaProvider())), "memory");

    @Test
    void randomAndMutatedMessagesGiveOnlyRecordsOrFormatExceptions() throws Exception {
        MutatedAvro messages = new MutatedAvro(random, validMessages());
        ConfluentAvroReader reader = new ConfluentAvroReader(registry, Optional.empty());
        int records = 0;
        int refused = 0;
        for (int message = 0; message < MESSAGES; message++) {
            byte[] value = messages.next();
            try {
                // Any other exception or error, OutOfMemoryError too, fails the test.
                assertThat(reader.read(value)).isEqualTo(decodedByAvro(value));
                records++;
            } catch (RecordFormatException e) {
                assertThat(e).hasMessageMatching("(?s)The .*\\.?");
                refused++;
            }
        }
        assertThat(records).isGreaterThan(MESSAGES / 50);
        assertThat(refused).isGreaterThan(MESSAGES / 4);
    }

    private List<byte[]> validMessages() {
        RandomAvro avro = new RandomAvro(random);
        List<byte[]> messages = new ArrayList<>();
        for (int schema = 0; schema < 20; schema++) {
            Schema type = avro.recordSchema();
            ConfluentAvroWriter writer = new ConfluentAvroWriter(registry, "fuzz-" + schema);
            for (int index = 0; index < 10; index++) {
                messages.add(writer.write(avro.record(type)));
            }
        }
        return messages;
    }

    /** Decodes with Avro's own decoder, safe for what ours has accepted. */
    private GenericRecord decodedByAvro(byte[] value) throws RecordFormatException, IOException {
        Schema schema = registry.schemaById(ConfluentFrame.schemaIdOf(value));
        int length = value.length - ConfluentFrame.LENGTH;
        return new GenericDatumReader<GenericRecord>(schema)
                .read(
                        null,
                        DecoderFactory.get()
                                .binaryDecoder(value, ConfluentFrame.LENGTH, length, null));
    }
}
