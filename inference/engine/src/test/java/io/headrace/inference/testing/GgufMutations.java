package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Writes models and adapters that are damaged in one or a few ways: bytes, counts, offsets, types
 * and shapes, values of the metadata, and tails cut off. Equal numbers give equal files.
 */
final class GgufMutations {

    /** What was done to a file. */
    enum Damage {
        /** Metadata and what is said of tensors, in a file that is whole otherwise. */
        CHANGES,
        /** The tail cut off. */
        TAIL,
        /** A number of the head. */
        NUMBER,
        /** Some bytes of the head. */
        BYTES,
        /** Bytes anywhere. */
        ANYWHERE
    }

    private static final int[] NASTY = {
        0,
        1,
        2,
        3,
        7,
        -1,
        63,
        255,
        256,
        257,
        512,
        513,
        1024,
        1025,
        4096,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE
    };

    /** Every kind of matrix that an adapter can change, and some that it cannot. */
    private static final Set<String> ADAPTED =
            Set.of(
                    "attn_q",
                    "attn_output",
                    "attn_kv_a_mqa",
                    "attn_k_b",
                    "ffn_up",
                    "ffn_gate_inp",
                    "ffn_down_exps",
                    "ffn_up_shexp",
                    "output",
                    "token_embd");

    private GgufMutations() {}

    /** Writes the model of a number, of any family. */
    static Damage write(Path path, long number) throws IOException {
        Random random = random(number);
        List<Family> families = List.of(Family.values());
        return write(path, random, families.get(random.nextInt(families.size())));
    }

    /** Writes the model of a number; the families take turns. */
    static Damage write(Path path, long number, List<Family> families) throws IOException {
        return write(path, random(number), families.get((int) (number % families.size())));
    }

    /** Random's first choices hardly differ between neighbouring seeds, so the number is mixed. */
    static Random random(long number) {
        return new Random(new SplittableRandom(number).nextLong());
    }

    private static Damage write(Path path, Random random, Family family) throws IOException {
        return write(path, random, family.writer(random.nextInt(8), Family.WIDTH));
    }

    /** Writes the adapter of a number for a model. */
    static Damage writeAdapter(Path path, long number, GgufWriter model) throws IOException {
        Set<String> parts = new HashSet<>(ADAPTED);
        boolean tied =
                IntStream.range(0, model.tensors())
                        .noneMatch(tensor -> model.tensorName(tensor).equals("output.weight"));
        if (tied) {
            parts.remove("token_embd"); // It would be refused, whatever the damage.
        }
        return write(path, random(number), Adapters.writer(model, number, parts));
    }

    private static Damage write(Path path, Random random, GgufWriter gguf) throws IOException {
        boolean structured = random.nextInt(3) > 0;
        for (int i = random.nextInt(2); structured && i >= 0; i--) {
            change(gguf, random);
        }
        gguf.write(path);
        if (structured) {
            return Damage.CHANGES;
        }
        Damage damage = Damage.values()[1 + random.nextInt(4)];
        Files.write(path, damaged(damage, Files.readAllBytes(path), gguf.head().length, random));
        return damage;
    }

    private static void change(GgufWriter gguf, Random random) {
        List<String> keys = gguf.keys();
        String key = keys.get(random.nextInt(keys.size()));
        int tensor = random.nextInt(gguf.tensors());
        switch (random.nextInt(8)) {
            case 0 -> gguf.remove(key);
            case 1, 2, 3, 4 -> gguf.put(key, value(random));
            case 5 -> claim(gguf, tensor, name(gguf, random), gguf.tensorShape(tensor));
            case 6 -> {
                List<TensorType> types = List.of(TensorType.values());
                gguf.claim(
                        tensor,
                        gguf.tensorName(tensor),
                        types.get(random.nextInt(types.size())),
                        gguf.tensorShape(tensor));
            }
            default -> {
                List<Long> shape = new ArrayList<>(gguf.tensorShape(tensor));
                shape.set(random.nextInt(shape.size()), (long) nasty(random));
                claim(gguf, tensor, gguf.tensorName(tensor), shape);
            }
        }
    }

    private static void claim(GgufWriter gguf, int tensor, String name, List<Long> shape) {
        gguf.claim(tensor, name, gguf.tensorType(tensor), shape);
    }

    /** Returns a name that no tensor should have, or another's with or without an ending. */
    private static String name(GgufWriter gguf, Random random) {
        String other = gguf.tensorName(random.nextInt(gguf.tensors()));
        String[] endings = {"", ".lora_a", ".lora_b", "_norm.weight", "x".repeat(64)};
        return random.nextBoolean() ? "other" : other + endings[random.nextInt(endings.length)];
    }

    private static int nasty(Random random) {
        return NASTY[random.nextInt(NASTY.length)];
    }

    private static Object value(Random random) {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> nasty(random);
            case 4 -> new GgufWriter.Signed(nasty(random));
            case 5 -> (long) nasty(random) << random.nextInt(32);
            case 6 -> new float[] {0, -1, 1e30f, 1e-30f, 2.5f}[random.nextInt(5)];
            case 7 -> random.nextBoolean() ? Float.NaN : Float.POSITIVE_INFINITY;
            case 8 ->
                    List.of(
                                    List.of("a", "b", "\u2581", "\u0000", ""),
                                    List.of(0, 1, -1),
                                    List.of(1.5f, 2.5f),
                                    List.of("{{ x }}"),
                                    List.of())
                            .get(random.nextInt(5));
            default -> new String[] {"", "llama", "gpt2", "bert", "{% if %}"}[random.nextInt(5)];
        };
    }

    private static byte[] damaged(Damage damage, byte[] whole, int head, Random random) {
        switch (damage) {
            case TAIL -> {
                return Arrays.copyOf(whole, random.nextInt(whole.length));
            }
            case NUMBER -> {
                int at = random.nextInt(head / 4) * 4;
                ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(at, nasty(random));
            }
            case BYTES -> {
                for (int i = 0; i < 1 + random.nextInt(8); i++) {
                    whole[random.nextInt(head)] = (byte) random.nextInt(256);
                }
            }
            default -> {
                for (int i = 0; i < 64; i++) {
                    whole[random.nextInt(whole.length)] = (byte) (random.nextBoolean() ? 255 : 127);
                }
            }
        }
        return whole;
    }
}
