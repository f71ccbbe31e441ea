package io.headrace.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
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
        List<byte[]> seeds = validMessages();
        ConfluentAvroReader reader = new ConfluentAvroReader(registry, Optional.empty());
        int records = 0;
        int refused = 0;
        for (int message = 0; message < MESSAGES; message++) {
            byte[] value = next(seeds);
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

    private byte[] next(List<byte[]> seeds) {
        byte[] seed = seeds.get(random.nextInt(seeds.size()));
        return switch (random.nextInt(6)) {
            case 0 -> seed;
            case 1 -> randomBytes(random.nextInt(64));
            case 2 -> framed(seed, randomBytes(random.nextInt(64)));
            case 3 -> Arrays.copyOf(seed, random.nextInt(seed.length + 8));
            case 4 -> flipped(seed, 1 + random.nextInt(4), 0);
            default -> flipped(seed, 1 + random.nextInt(4), ConfluentFrame.LENGTH);
        };
    }

    private byte[] flipped(byte[] seed, int count, int from) {
        byte[] mutated = seed.clone();
        for (int index = 0; index < count && mutated.length > from; index++) {
            int position = from + random.nextInt(mutated.length - from);
            mutated[position] =
                    random.nextBoolean()
                            ? (byte) (mutated[position] ^ (1 << random.nextInt(8)))
                            : (byte) random.nextInt(256);
        }
        return mutated;
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] framed(byte[] seed, byte[] payload) {
        return ByteBuffer.allocate(ConfluentFrame.LENGTH + payload.length)
                .put(seed, 0, ConfluentFrame.LENGTH)
                .put(payload)
                .array();
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
