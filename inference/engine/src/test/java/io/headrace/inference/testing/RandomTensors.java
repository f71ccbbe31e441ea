package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Adds tensors of random weights to a GGUF file; equal seeds and calls give equal bytes. */
final class RandomTensors {

    /** What becomes of a random weight. */
    interface Change {
        double apply(long row, long column, double weight);
    }

    private static final Change NONE = (row, column, weight) -> weight;

    private final GgufWriter gguf;
    private final SplittableRandom random;

    RandomTensors(GgufWriter gguf, SplittableRandom random) {
        this.gguf = gguf;
        this.random = random;
    }

    /** Adds a vector of ones, as norms have. */
    void ones(String name, long width) {
        gguf.tensor(
                name + ".weight",
                TensorType.F32,
                List.of(width),
                out -> {
                    for (long i = 0; i < width; i++) {
                        writeFloat(out, 1);
                    }
                });
    }

    /** Adds a vector of random numbers between two bounds; the name is whole. */
    void vector(String name, long width, double least, double most) {
        long seed = random.split().nextLong();
        gguf.tensor(
                name,
                TensorType.F32,
                List.of(width),
                out -> {
                    SplittableRandom values = new SplittableRandom(seed);
                    for (long i = 0; i < width; i++) {
                        writeFloat(out, (float) (least + (most - least) * values.nextDouble()));
                    }
                });
    }

    /**
     * Adds a matrix, or several in one tensor.
     *
     * @param shape the fastest-varying dimension first
     */
    void matrix(String name, TensorType type, double deviation, long... shape) {
        matrix(name, type, deviation, NONE, shape);
    }

    /**
     * Adds a matrix, some of whose weights are changed; none but those in F32 can be.
     *
     * @param shape the fastest-varying dimension first
     */
    void matrix(String name, TensorType type, double deviation, Change change, long... shape) {
        SplittableRandom own = random.split();
        List<Long> sizes = new ArrayList<>();
        long rows = 1;
        for (int i = 0; i < shape.length; i++) {
            sizes.add(shape[i]);
            rows *= i == 0 ? 1 : shape[i];
        }
        long columns = shape[0];
        long rowCount = rows;
        gguf.tensor(
                name.contains(".lora_") ? name : name + ".weight",
                type,
                sizes,
                out -> {
                    byte[] row =
                            new byte[(int) (columns / type.blockElements() * type.blockBytes())];
                    SplittableRandom weights = own.split();
                    for (long i = 0; i < rowCount; i++) {
                        fill(row, type, columns, deviation, weights);
                        if (change != NONE) {
                            change(row, i, change);
                        }
                        out.write(row);
                    }
                });
    }

    private static void fill(
            byte[] row, TensorType type, long columns, double deviation, SplittableRandom random) {
        ByteBuffer out = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN);
        // Uniform over plus and minus this has the wanted deviation.
        double bound = deviation * Math.sqrt(3);
        switch (type) {
            case F32 -> {
                for (long i = 0; i < columns; i++) {
                    out.putFloat((float) (bound * (2 * random.nextDouble() - 1)));
                }
            }
            case Q8_0 -> {
                for (long block = 0; block < columns / 32; block++) {
                    out.putShort(halfPrecision((float) (bound / 127)));
                    putRandom(out, 32, random);
                }
            }
            case Q4_0 -> {
                for (long block = 0; block < columns / 32; block++) {
                    out.putShort(halfPrecision((float) (bound / 8)));
                    putRandom(out, 16, random);
                }
            }
            default -> throw new IllegalArgumentException("no random weights in " + type);
        }
    }

    private static void change(byte[] row, long number, Change change) {
        FloatBuffer weights = ByteBuffer.wrap(row).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int column = 0; column < weights.limit(); column++) {
            weights.put(column, (float) change.apply(number, column, weights.get(column)));
        }
    }

    private static void putRandom(ByteBuffer out, int bytes, SplittableRandom random) {
        for (int i = 0; i < bytes; i += 8) {
            out.putLong(random.nextLong());
        }
    }

    /** Rounds a normal number to IEEE half precision, towards zero. */
    private static short halfPrecision(float value) {
        int bits = Float.floatToIntBits(value);
        int exponent = ((bits >>> 23) & 0xff) - 127 + 15;
        if (exponent <= 0) {
            // Subnormal: the leading one becomes explicit.
            int mantissa = (bits & 0x7fffff) | 0x800000;
            return (short) (exponent < -10 ? 0 : mantissa >>> (14 - exponent));
        }
        return (short) ((bits >>> 16 & 0x8000) | exponent << 10 | (bits >>> 13 & 0x3ff));
    }

    private static void writeFloat(OutputStream out, float value) throws IOException {
        int bits = Float.floatToIntBits(value);
        out.write(bits);
        out.write(bits >>> 8);
        out.write(bits >>> 16);
        out.write(bits >>> 24);
    }
}
