package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** LoRA adapters of random weights for {@link TinyModels}, strong enough to change every answer. */
public final class Adapters {

    private static final int RANK = 4;

    private Adapters() {}

    /** Writes an adapter of queries and of the feed-forward part and returns the path. */
    public static Path lora(Path path, long seed, ModelShape shape) {
        return write(path, seed, shape, false);
    }

    /** Writes an adapter of all matrices of the layers and returns the path. */
    public static Path whole(Path path, long seed, ModelShape shape) {
        return write(path, seed, shape, true);
    }

    /** Writes an adapter of the token embeddings and returns the path. */
    public static Path ofEmbedding(Path path, long seed, ModelShape shape) {
        GgufWriter gguf = head();
        RandomTensors tensors = new RandomTensors(gguf, new SplittableRandom(seed));
        pair(tensors, "token_embd", shape.vocabulary(), shape.width());
        return write(gguf, path);
    }

    private static GgufWriter head() {
        return new GgufWriter()
                .put("general.type", "adapter")
                .put("general.architecture", "llama")
                .put("general.name", "headrace-tiny-adapter")
                .put("adapter.type", "lora")
                .put("adapter.lora.alpha", 2f * RANK);
    }

    private static Path write(Path path, long seed, ModelShape shape, boolean whole) {
        GgufWriter gguf = head();
        RandomTensors tensors = new RandomTensors(gguf, new SplittableRandom(seed));
        long width = shape.width();
        long keys = width / shape.heads() * shape.kvHeads();
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            pair(tensors, block + "attn_q", width, width);
            pair(tensors, block + "ffn_up", width, shape.feedForward());
            if (whole) {
                pair(tensors, block + "attn_k", width, keys);
                pair(tensors, block + "attn_v", width, keys);
                pair(tensors, block + "attn_output", width, width);
                pair(tensors, block + "ffn_gate", width, shape.feedForward());
                pair(tensors, block + "ffn_down", shape.feedForward(), width);
            }
        }
        return write(gguf, path);
    }

    private static Path write(GgufWriter gguf, Path path) {
        try {
            gguf.write(path);
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pair(RandomTensors tensors, String name, long columns, long rows) {
        double deviation = 1 / Math.sqrt((double) columns);
        tensors.matrix(name + ".weight.lora_a", TensorType.F32, deviation, columns, RANK);
        tensors.matrix(name + ".weight.lora_b", TensorType.F32, 1.0 / RANK, RANK, rows);
    }
}
