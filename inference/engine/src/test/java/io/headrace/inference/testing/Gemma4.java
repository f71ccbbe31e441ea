package io.headrace.inference.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * Gemma 4's layers: heads are wider where a layer sees the whole text than where it sees a window.
 * The small ones have inputs of each layer's own, and their last layers use the keys of earlier
 * ones; the large ones take keys for values, and may have experts beside the feed-forward part.
 */
final class Gemma4 {

    private static final int HEADS = 4;
    private static final int LAYER_INPUT = 16;
    private static final int EXPERTS = 8;

    /** Products of queries and keys are not divided by the root of their width. */
    private static final double HEAD_NORM = 0.5;

    private final FamilyWriter model;
    private final boolean small;
    private final int shared;
    private final int windowHead;
    private final int wholeHead;

    private Gemma4(FamilyWriter model, boolean small) {
        this.model = model;
        this.small = small;
        this.shared = small ? 2 : 0;
        this.windowHead = model.width() / HEADS;
        this.wholeHead = 2 * windowHead;
    }

    /** Adds the small ones' layers. */
    static FamilyWriter addSmall(FamilyWriter model) {
        return new Gemma4(model, true).build();
    }

    /** Adds the layers of a large one with experts. */
    static FamilyWriter addExperts(FamilyWriter model) {
        return new Gemma4(model, false).build();
    }

    private FamilyWriter build() {
        putShape();
        model.embeddings(true);
        model.vector("rope_freqs.weight", wholeHead / 2, 1, 8);
        if (small) {
            model.layerInputs(LAYER_INPUT);
        }
        for (int layer = 0; layer < model.layers(); layer++) {
            attention(layer);
            model.norm(layer, "post_attention_norm");
            model.norm(layer, "ffn_norm");
            model.feedForward(layer, inner(layer));
            if (!small) {
                experts(layer);
            }
            model.norm(layer, "post_ffw_norm");
            model.vector("blk." + layer + ".layer_output_scale.weight", 1, 0.5, 1);
        }
        return model;
    }

    private void putShape() {
        List<Boolean> windows = new ArrayList<>();
        List<Integer> keyHeads = new ArrayList<>();
        List<Integer> inner = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++) {
            windows.add(hasWindow(layer));
            keyHeads.add(keyHeads(layer));
            inner.add(inner(layer));
        }
        model.put("attention.head_count", HEADS)
                .put("attention.head_count_kv", small ? 1 : keyHeads)
                .put("attention.key_length", wholeHead)
                .put("attention.value_length", wholeHead)
                .put("attention.key_length_swa", windowHead)
                .put("attention.value_length_swa", windowHead)
                .put("attention.sliding_window", 16)
                .put("attention.sliding_window_pattern", windows)
                .put("attention.shared_kv_layers", shared)
                .put("rope.dimension_count", wholeHead)
                .put("rope.dimension_count_swa", windowHead)
                .put("rope.freq_base", 1_000_000f)
                .put("rope.freq_base_swa", 10_000f)
                .put("embedding_length_per_layer_input", small ? LAYER_INPUT : 0)
                .put("feed_forward_length", small ? inner : inner.get(0))
                .put("final_logit_softcapping", 30f);
        if (!small) {
            model.experts(EXPERTS, 2, 1).put("expert_feed_forward_length", model.width());
        }
    }

    private boolean hasWindow(int layer) {
        return small ? layer % 4 != 3 && layer != model.layers() - 1 : layer % 6 != 5;
    }

    private int keyHeads(int layer) {
        return small || !hasWindow(layer) ? 1 : 2;
    }

    /** Layers that use the keys of others have twice as wide a feed-forward part. */
    private int inner(int layer) {
        return (layer < model.layers() - shared ? 2 : 4) * model.width();
    }

    private void attention(int layer) {
        String block = "blk." + layer + ".";
        long head = hasWindow(layer) ? windowHead : wholeHead;
        model.norm(layer, "attn_norm");
        model.linear(block + "attn_q", 2, model.width(), HEADS * head);
        model.headNorm(layer, "attn_q_norm", head, HEAD_NORM);
        if (layer < model.layers() - shared) {
            model.linear(block + "attn_k", 2, model.width(), keyHeads(layer) * head);
            model.headNorm(layer, "attn_k_norm", head, HEAD_NORM);
            if (small || hasWindow(layer)) {
                model.linear(block + "attn_v", 1, model.width(), keyHeads(layer) * head);
            }
        }
        model.outward(block + "attn_output", HEADS * head, model.width());
    }

    private void experts(int layer) {
        String block = "blk." + layer + ".";
        long width = model.width();
        model.norm(layer, "pre_ffw_norm_2");
        model.norm(layer, "post_ffw_norm_1");
        model.norm(layer, "post_ffw_norm_2");
        model.router(layer, EXPERTS);
        // The router's input is divided by the root of the width.
        double root = Math.sqrt((double) width);
        model.vector(block + "ffn_gate_inp.scale", width, 0.95 * root, 1.05 * root);
        model.linear(block + "ffn_gate_up_exps", 1, width, 2 * width, EXPERTS);
        model.outward(block + "ffn_down_exps", width, width, EXPERTS);
        model.vector(block + "ffn_down_exps.scale", EXPERTS, 0.5, 1.5);
    }
}
