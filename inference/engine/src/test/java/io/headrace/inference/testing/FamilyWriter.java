package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import io.headrace.inference.testing.RandomTensors.Change;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Puts a random-weight model together from the parts that transformers are made of. */
final class FamilyWriter {

    private static final int VOCABULARY = 512;
    private static final int CONTEXT = 16_384;

    /** The first columns of the hidden state, which say of a token where it is to be routed. */
    private static final int MARKS = 3;

    private static final double[] ROUTING = {2, 1.2, 0.6};

    private final GgufWriter gguf = new GgufWriter();
    private final RandomTensors tensors;
    private final TestTokenizer tokenizer;
    private final String architecture;
    private final int width;
    private final int layers;
    private int heads;
    private int keyValueHeads;
    private int headWidth;
    private boolean tied;
    private boolean biases;
    private double headNorm;
    private double outerNorm;
    private int experts;
    private int everyWithExperts = 1;
    private int sharedInner;
    private boolean gatesShared;

    FamilyWriter(String architecture, long seed, int width, int layers, TokenizerKind tokens) {
        this.architecture = architecture;
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
        this.tokenizer = tokens.write(gguf, VOCABULARY, seed);
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

    /**
     * Sets numbers of heads.
     *
     * @param widening how much wider than the hidden state all heads are together
     */
    FamilyWriter heads(int count, int keyValues, int widening) {
        int each = widening * width / count;
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

    /** The embeddings are the output head too. */
    FamilyWriter tied() {
        tied = true;
        return this;
    }

    /** Queries, keys and values have biases. */
    FamilyWriter biases() {
        biases = true;
        return this;
    }

    /** Queries and keys are normed by head. */
    FamilyWriter headNorms() {
        return headNorms(1);
    }

    /** The same with weights around a number other than one. */
    FamilyWriter headNorms(double middle) {
        headNorm = middle;
        return this;
    }

    /** What attention and feed-forward part give is normed. */
    FamilyWriter outerNorms() {
        return outerNorms(1);
    }

    /** The same with weights around a number other than one. */
    FamilyWriter outerNorms(double middle) {
        outerNorm = middle;
        return this;
    }

    /**
     * Feed-forward parts are experts. Their router is never undecided: see {@link #mark}.
     *
     * @param every one of so many layers has them
     */
    FamilyWriter experts(int count, int used, int every) {
        experts = count;
        everyWithExperts = every;
        put("expert_count", count);
        put("expert_used_count", used);
        put("expert_feed_forward_length", 2 * width);
        return this;
    }

    /** Beside the experts stands one that every token passes. */
    FamilyWriter sharedExpert(int inner, boolean gated) {
        sharedInner = inner;
        gatesShared = gated;
        return this;
    }

    /** Adds embeddings and layers with what was chosen before. */
    FamilyWriter transformer() {
        int inner = 2 * width;
        put("feed_forward_length", inner);
        embeddings(tied);
        for (int layer = 0; layer < layers; layer++) {
            attention(layer);
            if (outerNorm > 0) {
                norm(layer, "post_attention_norm", outerNorm);
            }
            norm(layer, "ffn_norm");
            if (experts == 0 || (layer + 1) % everyWithExperts != 0) {
                feedForward(layer, inner);
            } else {
                addExperts(layer, experts, inner);
                addSharedExpert(layer);
            }
            if (outerNorm > 0) {
                norm(layer, "post_ffw_norm", outerNorm);
            }
        }
        return this;
    }

    private void addSharedExpert(int layer) {
        if (sharedInner > 0) {
            sharedExperts(layer, sharedInner);
        }
        if (gatesShared) {
            vector("blk." + layer + ".ffn_gate_inp_shexp.weight", width, -0.2, 0.2);
        }
    }

    /** Adds embeddings and, where they are not tied, the output head. */
    FamilyWriter embeddings(boolean isHead) {
        // Control tokens are so faint that greedy decoding never ends early.
        Set<Long> special =
                tokenizer.special().stream().map(Integer::longValue).collect(Collectors.toSet());
        Change faint = (row, column, weight) -> special.contains(row) ? 0.1 * weight : weight;
        double deviation = 0.8 / Math.sqrt((double) width);
        matrix(
                "token_embd",
                deviation,
                experts == 0
                        ? faint
                        : (row, column, weight) ->
                                column < MARKS
                                        ? mark((row * 0x9E37_79B9L) >>> 13, column)
                                        : faint.apply(row, column, weight),
                width,
                VOCABULARY);
        if (!isHead) {
            matrix("output", 4 * deviation, faint, width, VOCABULARY);
        }
        tensors.ones("output_norm", width);
        return this;
    }

    /**
     * Returns what a token or an expert bears in one of the first columns of the hidden state, plus
     * or minus one. Layers leave these columns alone, and routers read nothing else: where a router
     * is nearly undecided between two experts rounding decides, and the other expert changes all
     * that follows, so that nothing could be compared.
     */
    private static double mark(long number, long column) {
        return (number >> column & 1) == 0 ? 1 : -1;
    }

    private void matrix(String name, double deviation, Change change, long... shape) {
        tensors.matrix(name, TensorType.F32, deviation, change, shape);
    }

    private void attention(int layer) {
        String block = "blk." + layer + ".";
        long keys = (long) keyValueHeads * headWidth;
        norm(layer, "attn_norm");
        linear(block + "attn_q", 2, width, (long) heads * headWidth);
        linear(block + "attn_k", 2, width, keys);
        linear(block + "attn_v", 1, width, keys);
        outward(block + "attn_output", (long) heads * headWidth, width);
        if (biases) {
            tensors.vector(block + "attn_q.bias", (long) heads * headWidth, -1, 1);
            tensors.vector(block + "attn_k.bias", keys, -1, 1);
            tensors.vector(block + "attn_v.bias", keys, -1, 1);
        }
        if (headNorm > 0) {
            headNorm(layer, "attn_q_norm", headWidth, headNorm);
            headNorm(layer, "attn_k_norm", headWidth, headNorm);
        }
    }

    void norm(int layer, String name) {
        norm(layer, name, 1);
    }

    private void norm(int layer, String name, double middle) {
        tensors.vector("blk." + layer + "." + name + ".weight", width, 0.8 * middle, 1.2 * middle);
    }

    /** Adds the norm of queries or keys. */
    void headNorm(int layer, String name, long each, double middle) {
        tensors.vector("blk." + layer + "." + name + ".weight", each, 0.5 * middle, 1.5 * middle);
    }

    FamilyWriter vector(String name, long size, double least, double most) {
        tensors.vector(name, size, least, most);
        return this;
    }

    void feedForward(int layer, int inner) {
        feedForward(layer, "", inner, 0);
    }

    /** Adds experts of which a router chooses. */
    void addExperts(int layer, int count, int inner) {
        router(layer, count);
        feedForward(layer, "_exps", inner, count);
    }

    /** Adds what chooses experts. */
    void router(int layer, int count) {
        matrix(
                "blk." + layer + ".ffn_gate_inp",
                1,
                (row, column, weight) ->
                        column < MARKS && count >> column > 1
                                ? ROUTING[(int) column] * mark(row, column)
                                : 0,
                width,
                count);
    }

    /** Adds inputs of each layer's own, from the token and from the embedding. */
    void layerInputs(int each) {
        // By far the largest tensor, so it is stored in few bytes.
        tensors.matrix(
                "per_layer_token_embd",
                TensorType.Q8_0,
                1 / Math.sqrt((double) each),
                (long) each * layers,
                VOCABULARY);
        linear("per_layer_model_proj", 1, width, (long) each * layers);
        tensors.vector("per_layer_proj_norm.weight", each, 0.8, 1.2);
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            linear(block + "inp_gate", 1, width, each);
            outward(block + "proj", each, width);
            norm(layer, "post_norm");
        }
    }

    /** Adds experts that every token passes. */
    void sharedExperts(int layer, int inner) {
        feedForward(layer, "_shexp", inner, 0);
    }

    private void feedForward(int layer, String suffix, long inner, long count) {
        String block = "blk." + layer + ".ffn_";
        long[] more = count == 0 ? new long[0] : new long[] {count};
        linear(block + "gate" + suffix, 1, shape(width, inner, more));
        linear(block + "up" + suffix, 1, shape(width, inner, more));
        outward(block + "down" + suffix, shape(inner, width, more));
    }

    private static long[] shape(long columns, long rows, long... more) {
        return LongStream.concat(LongStream.of(columns, rows), LongStream.of(more)).toArray();
    }

    /** Adds a matrix whose outputs are added to the hidden state. */
    void outward(String name, long... shape) {
        Change change = (row, column, weight) -> experts > 0 && row % width < MARKS ? 0 : weight;
        matrix(name, 1 / Math.sqrt((double) shape[0]), change, shape);
    }

    /** Adds a matrix whose outputs are about {@code gain} times as large as its inputs. */
    void linear(String name, double gain, long... shape) {
        tensors.matrix(name, TensorType.F32, gain / Math.sqrt((double) shape[0]), shape);
    }
}
