package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
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
        RandomTensors tensors = new RandomTensors(gguf, new SplittableRandom(seed));
        long width = shape.width();
        long keyValueWidth = (long) shape.kvHeads() * headWidth;
        // The head shares these weights; larger ones would make the model repeat its input.
        double deviation = 0.8 / Math.sqrt((double) width);
        tensors.matrix("token_embd", shape.embedding(), deviation, width, shape.vocabulary());
        tensors.ones("output_norm", width);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            TensorType type = shape.linear();
            double inner = 1 / Math.sqrt((double) width);
            double outer = 1 / Math.sqrt(shape.feedForward());
            tensors.ones(block + "attn_norm", width);
            tensors.matrix(block + "attn_q", type, 2 * inner, width, width);
            tensors.matrix(block + "attn_k", type, 2 * inner, width, keyValueWidth);
            tensors.matrix(block + "attn_v", type, inner, width, keyValueWidth);
            tensors.matrix(block + "attn_output", type, inner, width, width);
            tensors.ones(block + "ffn_norm", width);
            tensors.matrix(block + "ffn_gate", type, inner, width, shape.feedForward());
            tensors.matrix(block + "ffn_up", type, inner, width, shape.feedForward());
            tensors.matrix(block + "ffn_down", type, outer, shape.feedForward(), width);
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
}
