package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random-weight models of the Llama family with a byte-level tokenizer and a chat template: what
 * they say means nothing, but they run through all of llama.cpp, and equal seeds give equal files.
 */
public final class TinyModels {

    /** The template of the bundled model. */
    public static final String CHAT_TEMPLATE =
            """
            {% for message in messages %}<|{{ message.role }}|>
            {{ message.content }}<|end|>
            {% endfor %}{% if add_generation_prompt %}<|assistant|>
            {% endif %}""";

    private static final List<String> CONTROL =
            List.of("<|bos|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>");
    private static final int NORMAL = 1;
    private static final int CONTROL_TYPE = 3;

    private TinyModels() {}

    /** Writes a model of the smallest shape and returns the path. */
    public static Path llama(Path path, long seed) {
        return llama(path, seed, ModelShape.TINY);
    }

    /** Writes a model and returns the path. */
    public static Path llama(Path path, long seed, ModelShape shape) {
        try {
            writer(seed, shape).write(path);
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a writer that holds a whole model, to be changed before it is written. */
    public static GgufWriter writer(long seed, ModelShape shape) {
        GgufWriter gguf = new GgufWriter();
        int headWidth = shape.width() / shape.heads();
        gguf.put("general.architecture", "llama")
                .put("general.name", "headrace-tiny")
                .put("llama.block_count", shape.layers())
                .put("llama.context_length", shape.contextTokens())
                .put("llama.embedding_length", shape.width())
                .put("llama.feed_forward_length", shape.feedForward())
                .put("llama.attention.head_count", shape.heads())
                .put("llama.attention.head_count_kv", shape.kvHeads())
                .put("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .put("llama.rope.dimension_count", headWidth)
                .put("llama.rope.freq_base", 10_000f)
                .put("llama.vocab_size", shape.vocabulary());
        putTokenizer(gguf, shape.vocabulary(), seed);
        SplittableRandom random = new SplittableRandom(seed);
        long width = shape.width();
        long keyValueWidth = (long) shape.kvHeads() * headWidth;
        // The head shares these weights; larger ones would make the model repeat its input.
        double deviation = 0.8 / Math.sqrt((double) width);
        matrix(
                gguf,
                "token_embd",
                shape.embedding(),
                width,
                shape.vocabulary(),
                deviation,
                random.split());
        ones(gguf, "output_norm", width);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            TensorType type = shape.linear();
            double inner = 1 / Math.sqrt((double) width);
            double outer = 1 / Math.sqrt(shape.feedForward());
            ones(gguf, block + "attn_norm", width);
            matrix(gguf, block + "attn_q", type, width, width, 2 * inner, random.split());
            matrix(gguf, block + "attn_k", type, width, keyValueWidth, 2 * inner, random.split());
            matrix(gguf, block + "attn_v", type, width, keyValueWidth, inner, random.split());
            matrix(gguf, block + "attn_output", type, width, width, inner, random.split());
            ones(gguf, block + "ffn_norm", width);
            matrix(
                    gguf,
                    block + "ffn_gate",
                    type,
                    width,
                    shape.feedForward(),
                    inner,
                    random.split());
            matrix(gguf, block + "ffn_up", type, width, shape.feedForward(), inner, random.split());
            matrix(
                    gguf,
                    block + "ffn_down",
                    type,
                    shape.feedForward(),
                    width,
                    outer,
                    random.split());
        }
        return gguf;
    }

    private static void putTokenizer(GgufWriter gguf, int size, long seed) {
        BytePairs pairs = new BytePairs(size - 256 - CONTROL.size(), seed);
        List<String> tokens = new ArrayList<>(pairs.tokens());
        List<Integer> types = new ArrayList<>();
        tokens.forEach(token -> types.add(NORMAL));
        int firstControl = tokens.size();
        for (String control : CONTROL) {
            tokens.add(control);
            types.add(CONTROL_TYPE);
        }
        gguf.put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", "gpt-2")
                .put("tokenizer.ggml.tokens", tokens)
                .put("tokenizer.ggml.token_type", types)
                .put("tokenizer.ggml.merges", pairs.merges())
                .put("tokenizer.ggml.bos_token_id", firstControl)
                .put("tokenizer.ggml.eos_token_id", firstControl + 1)
                .put("tokenizer.ggml.add_bos_token", false)
                .put("tokenizer.chat_template", CHAT_TEMPLATE);
    }

    private static void ones(GgufWriter gguf, String name, long width) {
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

    private static void matrix(
            GgufWriter gguf,
            String name,
            TensorType type,
            long columns,
            long rows,
            double deviation,
            SplittableRandom random) {
        gguf.tensor(
                name + ".weight",
                type,
                List.of(columns, rows),
                out -> {
                    byte[] row =
                            new byte[(int) (columns / type.blockElements() * type.blockBytes())];
                    SplittableRandom weights = random.split();
                    for (long i = 0; i < rows; i++) {
                        fill(row, type, columns, deviation, weights);
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
