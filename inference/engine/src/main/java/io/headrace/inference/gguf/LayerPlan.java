package io.headrace.inference.gguf;

import java.util.List;

/** Which of a model's layers have windows, and which have keys of their own. */
final class LayerPlan {

    /** llama.cpp does not read from Gemma 3n's files how many layers have keys of their own. */
    private static final int GEMMA_3N_LAYERS_WITH_KEYS = 20;

    /** Gemma 3n's; of the others with windows it makes no difference to the widths of heads. */
    private static final int USUAL_PATTERN = 5;

    private final ModelNumbers numbers;
    private final String architecture;

    LayerPlan(ModelNumbers numbers, String architecture) {
        this.numbers = numbers;
        this.architecture = architecture;
    }

    /** Returns the number of layers that compute a token; those that draft further ones do not. */
    int layers() {
        return (int)
                (numbers.integer("block_count", 1) - numbers.integer("nextn_predict_layers", 0));
    }

    /** Returns how many layers, the first ones, have keys of their own; the others take those. */
    int withKeys() {
        return architecture.equals("gemma3n")
                ? GEMMA_3N_LAYERS_WITH_KEYS
                : layers() - (int) numbers.integer("attention.shared_kv_layers", 0);
    }

    boolean hasWindow(int layer) {
        List<Long> each = numbers.array("attention.sliding_window_pattern");
        if (!each.isEmpty()) {
            return each.get(layer) != 0;
        }
        long pattern = numbers.integer("attention.sliding_window_pattern", USUAL_PATTERN);
        return pattern == 0 || layer % pattern < pattern - 1;
    }

    /** Returns the numbers that a token takes in the KV cache, of keys and values. */
    long cachedNumbers() {
        long cached = 0;
        for (int layer = 0; layer < Math.min(layers(), withKeys()); layer++) {
            long heads = numbers.ofLayer("attention.head_count", layer, 1);
            long keyHeads = numbers.ofLayer("attention.head_count_kv", layer, heads);
            cached += keyHeads * (width("key", layer) + valueWidth(layer)) + indexWidth();
        }
        return cached;
    }

    /** Returns how wide a head is where the file does not say. */
    long usualWidth() {
        long heads = Math.max(1, numbers.ofLayer("attention.head_count", 0, 1));
        return numbers.integer("embedding_length", 0) / heads;
    }

    /** Compressed latent attention keeps keys only; values are a part of them. */
    private long valueWidth(int layer) {
        return numbers.has("attention.key_length_mla") ? 0 : width("value", layer);
    }

    private long width(String what, int layer) {
        long whole = numbers.integer("attention." + what + "_length", usualWidth());
        String inWindow = "attention." + what + "_length_swa";
        return numbers.has(inWindow) && hasWindow(layer) ? numbers.integer(inWindow, whole) : whole;
    }

    private long indexWidth() {
        return architecture.equals("deepseek32")
                ? numbers.integer("attention.indexer.key_length", 0)
                : 0;
    }
}
