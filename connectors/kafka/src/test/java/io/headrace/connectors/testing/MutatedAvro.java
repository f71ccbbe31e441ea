package io.headrace.connectors.testing;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes messages that are nearly, or not at all, Avro under Confluent's frame. */
public final class MutatedAvro {

    private static final int FRAME = 5;

    private final Random random;
    private final List<byte[]> valid;

    /** Takes the messages that the others are made of. */
    public MutatedAvro(Random random, List<byte[]> valid) {
        this.random = random;
        this.valid = List.copyOf(valid);
    }

    /** A valid message, a mutated one or random bytes. */
    public byte[] next() {
        byte[] seed = valid.get(random.nextInt(valid.size()));
        return switch (random.nextInt(6)) {
            case 0 -> seed;
            case 1 -> randomBytes(random.nextInt(64));
            case 2 -> framed(seed, randomBytes(random.nextInt(64)));
            case 3 -> Arrays.copyOf(seed, random.nextInt(seed.length + 8));
            case 4 -> flipped(seed, 1 + random.nextInt(4), 0);
            default -> flipped(seed, 1 + random.nextInt(4), FRAME);
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
        return ByteBuffer.allocate(FRAME + payload.length).put(seed, 0, FRAME).put(payload).array();
    }
}
