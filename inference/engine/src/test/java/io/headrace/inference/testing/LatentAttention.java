package io.headrace.inference.testing;

/**
 * DeepSeek's layers: attention over a latent state, and experts with shared ones behind a dense
 * first layer.
 */
final class LatentAttention {

    private static final int HEADS = 4;
    private static final int QUERY_RANK = 32;
    private static final int LATENT = 32;
    private static final int ROTARY = 16;
    private static final int PLAIN = 16;
    private static final int VALUE = 16;
    private static final int EXPERTS = 8;

    /** llama.cpp turns them by a Hadamard matrix, of which it has these and larger ones. */
    private static final int INDEX = 64;

    private final FamilyWriter model;
    private final boolean compressed;
    private final boolean indexed;

    private LatentAttention(FamilyWriter model, boolean compressed, boolean indexed) {
        this.model = model;
        this.compressed = compressed;
        this.indexed = indexed;
    }

    /** Adds layers as in older files, with keys and values in one matrix. */
    static FamilyWriter addWhole(FamilyWriter model) {
        return new LatentAttention(model, false, false).build();
    }

    /** Adds layers whose keys are stored as the latent state, as in files since V3. */
    static FamilyWriter addCompressed(FamilyWriter model) {
        return new LatentAttention(model, true, false).build();
    }

    /** Adds layers that attend only to the tokens that an index of their own chooses. */
    static FamilyWriter addIndexed(FamilyWriter model) {
        return new LatentAttention(model, true, true).build();
    }

    private FamilyWriter build() {
        putShape();
        model.embeddings(false);
        int inner = model.width() / 2;
        for (int layer = 0; layer < model.layers(); layer++) {
            attention(layer);
            model.norm(layer, "ffn_norm");
            if (layer == 0) {
                model.feedForward(layer, 2 * model.width());
                continue;
            }
            model.addExperts(layer, EXPERTS, inner);
            model.sharedExperts(layer, 2 * inner);
            if (compressed) {
                // Smaller than what lies between two experts, or some token leaves it undecided.
                model.vector("blk." + layer + ".exp_probs_b.bias", EXPERTS, -0.01, 0.01);
            }
        }
        return model;
    }

    private void putShape() {
        model.put("attention.head_count", HEADS)
                .put("attention.head_count_kv", compressed ? 1 : HEADS)
                .put("attention.q_lora_rank", QUERY_RANK)
                .put("attention.kv_lora_rank", LATENT)
                .put("attention.key_length", (compressed ? LATENT : PLAIN) + ROTARY)
                .put("attention.value_length", compressed ? LATENT : VALUE)
                .put("rope.dimension_count", ROTARY)
                .put("rope.scaling.type", "yarn")
                .put("rope.scaling.factor", 40f)
                .put("rope.scaling.original_context_length", 512)
                .put("rope.scaling.yarn_log_multiplier", 0.1f)
                .put("feed_forward_length", 2 * model.width())
                .experts(EXPERTS, 2, 1)
                .put("expert_feed_forward_length", model.width() / 2)
                .put("leading_dense_block_count", 1)
                .put("expert_shared_count", 2)
                .put("expert_weights_scale", compressed ? 2.5f : 1f);
        if (compressed) {
            model.put("attention.key_length_mla", PLAIN + ROTARY)
                    .put("attention.value_length_mla", VALUE)
                    .put("expert_weights_norm", true)
                    .put("expert_gating_func", 2)
                    .put("expert_group_count", 4)
                    .put("expert_group_used_count", 2);
        }
        if (indexed) {
            // As many as real ones choose, which is all: the last one chosen would else be decided
            // by rounding.
            model.put("attention.indexer.head_count", HEADS)
                    .put("attention.indexer.key_length", INDEX)
                    .put("attention.indexer.top_k", 2048);
        }
    }

    private void attention(int layer) {
        String block = "blk." + layer + ".";
        long width = model.width();
        model.norm(layer, "attn_norm");
        model.vector(block + "attn_q_a_norm.weight", QUERY_RANK, 0.8, 1.2);
        model.vector(block + "attn_kv_a_norm.weight", LATENT, 0.8, 1.2);
        model.linear(block + "attn_q_a", 1, width, QUERY_RANK);
        model.linear(block + "attn_q_b", 2, QUERY_RANK, (long) HEADS * (PLAIN + ROTARY));
        model.linear(block + "attn_kv_a_mqa", 1, width, LATENT + ROTARY);
        if (compressed) {
            model.linear(block + "attn_k_b", 1, PLAIN, LATENT, HEADS);
            model.linear(block + "attn_v_b", 1, LATENT, VALUE, HEADS);
        } else {
            model.linear(block + "attn_kv_b", 1, LATENT, (long) HEADS * (PLAIN + VALUE));
        }
        if (indexed) {
            model.vector(block + "indexer.k_norm.weight", INDEX, 0.8, 1.2);
            model.vector(block + "indexer.k_norm.bias", INDEX, -0.1, 0.1);
            model.linear(block + "indexer.proj", 1, width, HEADS);
            model.linear(block + "indexer.attn_k", 1, width, INDEX);
            model.linear(block + "indexer.attn_q_b", 1, QUERY_RANK, (long) HEADS * INDEX);
        }
        model.outward(block + "attn_output", (long) HEADS * VALUE, width);
    }
}
