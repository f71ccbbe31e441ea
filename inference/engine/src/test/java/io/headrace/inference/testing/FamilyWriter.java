package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Puts a random-weight model together from the parts that transformers are made of. */
final class FamilyWriter {

    private static final int VOCABULARY = 512;
    private static final int CONTEXT = 16_384;

    private final GgufWriter gguf = new GgufWriter();
    private final RandomTensors tensors;
    private final TestTokenizer tokenizer = new TestTokenizer(VOCABULARY);
    private final String architecture;
    private final long seed;
    private final int width;
    private final int layers;
    private int heads;
    private int keyValueHeads;
    private int headWidth;

    FamilyWriter(String architecture, long seed, int width, int layers) {
        this.architecture = architecture;
        this.seed = seed;
        this.width = width;
        this.layers = layers;
        this.tensors = new RandomTensors(gguf, new SplittableRandom(seed));
        gguf.put("general.architecture", architecture)
                .put("general.name", "headrace-tiny-" + architecture);
        put("block_count", layers);
        put("context_length", CONTEXT);
        put("embedding_length", width);
        put("attention.layer_norm_rms_epsilon", 1e-5f);
        put("vocab_size", VOCABULARY);
    }

    GgufWriter gguf() {
        return gguf;
    }

    int layers() {
        return layers;
    }

    int width() {
        return width;
    }

    /** Sets a value of the architecture's own. */
    FamilyWriter put(String key, Object value) {
        gguf.put(architecture + "." + key, value);
        return this;
    }

    /** Sets numbers of heads; heads of a width of their own name it in the metadata. */
    FamilyWriter heads(int count, int keyValues, int each) {
        heads = count;
        keyValueHeads = keyValues;
        headWidth = each;
        put("attention.head_count", count);
        put("attention.head_count_kv", keyValues);
        put("rope.dimension_count", each);
        if (each * count != width) {
            put("attention.key_length", each);
            put("attention.value_length", each);
        }
        return this;
    }

    FamilyWriter chatTemplate(String name) {
        try (InputStream in =
                FamilyWriter.class.getResourceAsStream("/chat-templates/" + name + ".jinja")) {
            gguf.put(
                    "tokenizer.chat_template",
                    new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FamilyWriter bytePairs(
            String preTokenizer, List<String> control, List<String> userDefined, boolean addBegin) {
        tokenizer.bytePairs(gguf, preTokenizer, control, userDefined, seed);
        gguf.put("tokenizer.ggml.add_bos_token", addBegin);
        return this;
    }

    FamilyWriter sentencePieces(boolean addSpace, String... control) {
        tokenizer.sentencePieces(gguf, List.of(control), seed);
        gguf.put("tokenizer.ggml.add_bos_token", true);
        gguf.put("tokenizer.ggml.add_space_prefix", addSpace);
        return this;
    }

    /** Names the tokens that begin a text and end it. */
    FamilyWriter ends(String begin, String end) {
        tokenizer.name(gguf, "bos", begin);
        tokenizer.name(gguf, "eos", end);
        return this;
    }

    FamilyWriter endOfTurn(String token) {
        tokenizer.name(gguf, "eot", token);
        return this;
    }

    /** Adds embeddings and, where they are not tied, the output head. */
    FamilyWriter embeddings(boolean tied) {
        // Control tokens are so faint that greedy decoding never ends early.
        Set<Integer> special = new HashSet<>(tokenizer.special());
        double deviation = 0.8 / Math.sqrt((double) width);
        matrix("token_embd", deviation, special, width, VOCABULARY);
        if (!tied) {
            matrix("output", 4 * deviation, special, width, VOCABULARY);
        }
        tensors.ones("output_norm", width);
        return this;
    }

    private void matrix(String name, double deviation, Set<Integer> faint, long... shape) {
        tensors.matrix(
                name,
                TensorType.F32,
                deviation,
                row -> faint.contains(Math.toIntExact(row)) ? 0.1 : 1,
                shape);
    }

    void attention(int layer, boolean biases, boolean headNorms) {
        String block = "blk." + layer + ".";
        long keys = (long) keyValueHeads * headWidth;
        norm(layer, "attn_norm");
        linear(block + "attn_q", 2, width, (long) heads * headWidth);
        linear(block + "attn_k", 2, width, keys);
        linear(block + "attn_v", 1, width, keys);
        linear(block + "attn_output", 1, (long) heads * headWidth, width);
        if (biases) {
            tensors.vector(block + "attn_q.bias", (long) heads * headWidth, -1, 1);
            tensors.vector(block + "attn_k.bias", keys, -1, 1);
            tensors.vector(block + "attn_v.bias", keys, -1, 1);
        }
        if (headNorms) {
            tensors.vector(block + "attn_q_norm.weight", headWidth, 0.5, 1.5);
            tensors.vector(block + "attn_k_norm.weight", headWidth, 0.5, 1.5);
        }
    }

    void norm(int layer, String name) {
        tensors.vector("blk." + layer + "." + name + ".weight", width, 0.8, 1.2);
    }

    void vector(String name, long size, double least, double most) {
        tensors.vector(name, size, least, most);
    }

    void feedForward(int layer, int inner) {
        feedForward(layer, "", inner, 0);
    }

    /** Adds experts of which a router chooses. */
    void experts(int layer, int count, int inner) {
        linear("blk." + layer + ".ffn_gate_inp", 2, width, count);
        feedForward(layer, "_exps", inner, count);
    }

    /** Adds experts that every token passes. */
    void sharedExperts(int layer, int inner) {
        feedForward(layer, "_shexp", inner, 0);
    }

    private void feedForward(int layer, String suffix, long inner, long count) {
        String block = "blk." + layer + ".ffn_";
        if (count == 0) {
            linear(block + "gate" + suffix, 1, width, inner);
            linear(block + "up" + suffix, 1, width, inner);
            linear(block + "down" + suffix, 1, inner, width);
        } else {
            linear(block + "gate" + suffix, 1, width, inner, count);
            linear(block + "up" + suffix, 1, width, inner, count);
            linear(block + "down" + suffix, 1, inner, width, count);
        }
    }

    /** Adds a matrix whose outputs are about {@code gain} times as large as its inputs. */
    void linear(String name, double gain, long... shape) {
        tensors.matrix(name, TensorType.F32, gain / Math.sqrt((double) shape[0]), shape);
    }
}
