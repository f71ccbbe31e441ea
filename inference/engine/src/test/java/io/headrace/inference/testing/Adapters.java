package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** LoRA adapters of random weights, strong enough to change every answer. */
public final class Adapters {

    private static final int RANK = 4;

    private Adapters() {}

    /** Writes an adapter of queries and of the feed-forward part and returns the path. */
    public static Path lora(Path path, long seed, ModelShape shape) {
        return write(path, seed, shape, Set.of("attn_q", "ffn_up"));
    }

    /** Writes an adapter of all matrices of the layers and returns the path. */
    public static Path whole(Path path, long seed, ModelShape shape) {
        Set<String> all =
                Set.of(
                        "attn_q",
                        "attn_k",
                        "attn_v",
                        "attn_output",
                        "ffn_gate",
                        "ffn_up",
                        "ffn_down");
        return write(path, seed, shape, all);
    }

    private static Path write(Path path, long seed, ModelShape shape, Set<String> parts) {
        try {
            writer(TinyModels.writer(0, shape), seed, parts).write(path);
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns a writer of an adapter, to be changed before it is written.
     *
     * @param parts names of the model's matrices without layer and ending
     */
    public static GgufWriter writer(GgufWriter model, long seed, Set<String> parts) {
        GgufWriter gguf =
                new GgufWriter()
                        .put("general.type", "adapter")
                        .put("general.architecture", model.get("general.architecture"))
                        .put("general.name", "headrace-tiny-adapter")
                        .put("adapter.type", "lora")
                        .put("adapter.lora.alpha", 2f * RANK);
        RandomTensors tensors = new RandomTensors(gguf, new SplittableRandom(seed));
        for (int tensor = 0; tensor < model.tensors(); tensor++) {
            String name = model.tensorName(tensor);
            String part = name.replaceAll("^blk\\.\\d+\\.|\\.weight$", "");
            if (parts.contains(part)) {
                pair(tensors, name, part, model.tensorShape(tensor));
            }
        }
        return gguf;
    }

    private static void pair(RandomTensors tensors, String name, String part, List<Long> shape) {
        long[] down = shape.stream().mapToLong(Long::longValue).toArray();
        long[] up = down.clone();
        // Of embeddings the first half holds a row for each token.
        boolean embeddings = part.equals("token_embd");
        down[embeddings ? 0 : 1] = RANK;
        up[0] = RANK;
        up[1] = shape.get(embeddings ? 0 : 1);
        double deviation = 1 / Math.sqrt((double) shape.get(0));
        tensors.matrix(name + ".lora_a", TensorType.F32, deviation, down);
        tensors.matrix(name + ".lora_b", TensorType.F32, 1.0 / RANK, up);
    }
}
