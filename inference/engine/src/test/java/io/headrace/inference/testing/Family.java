package io.headrace.inference.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The model families that users run, each as a tiny model of random weights with the family's own
 * kind of tokenizer, special tokens and chat template. Equal seeds give equal files.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/src/llama-arch.cpp">names</a>
 */
public enum Family {
    LLAMA_2 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("llama", seed, width, 2);
            model.sentencePieces(true, "<unk>", "<s>", "</s>").ends("<s>", "</s>");
            return dense(model.chatTemplate("llama-2").heads(4, 4, width / 4), false);
        }
    },
    LLAMA_3 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("llama", seed, width, 2);
            llama3Tokens(model).chatTemplate("llama-3").put("rope.freq_base", 500_000f);
            return dense(model.heads(4, 2, width / 4), false);
        }
    },
    /** Scaled rotary frequencies, and embeddings that are the head too as in the small ones. */
    LLAMA_3_1 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("llama", seed, width, 2);
            llama3Tokens(model).chatTemplate("llama-3.1").put("rope.freq_base", 500_000f);
            model.vector("rope_freqs.weight", width / 8, 1, 8);
            return dense(model.heads(4, 2, width / 4), true);
        }
    },
    /**
     * Every second layer of experts with a shared one; chunked attention but every fourth layer.
     */
    LLAMA_4 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("llama4", seed, width, 4);
            model.bytePairs(
                            "llama4",
                            List.of(
                                    "<|begin_of_text|>",
                                    "<|end_of_text|>",
                                    "<|header_start|>",
                                    "<|header_end|>",
                                    "<|eot|>"),
                            List.of(),
                            true)
                    .ends("<|begin_of_text|>", "<|end_of_text|>")
                    .endOfTurn("<|eot|>")
                    .chatTemplate("llama-4")
                    .heads(4, 2, width / 4)
                    .put("feed_forward_length", 2 * width)
                    .put("expert_feed_forward_length", width)
                    .put("interleave_moe_layer_step", 2)
                    .put("expert_count", 4)
                    .put("expert_used_count", 1)
                    .put("rope.freq_base", 500_000f)
                    .embeddings(false);
            for (int layer = 0; layer < model.layers(); layer++) {
                model.attention(layer, false, false);
                model.norm(layer, "ffn_norm");
                if (layer % 2 == 1) {
                    model.experts(layer, 4, width);
                    model.sharedExperts(layer, width);
                } else {
                    model.feedForward(layer, 2 * width);
                }
            }
            return model;
        }
    },
    MISTRAL {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("llama", seed, width, 2);
            model.sentencePieces(true, "<unk>", "<s>", "</s>", "[INST]", "[/INST]")
                    .ends("<s>", "</s>")
                    .put("rope.freq_base", 1_000_000f);
            return dense(model.chatTemplate("mistral-7b").heads(4, 2, width / 4), false);
        }
    },
    /** Heads that together are wider than the hidden state. */
    MISTRAL_NEMO {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("llama", seed, width, 2);
            model.bytePairs(
                            "tekken",
                            List.of("<unk>", "<s>", "</s>", "[INST]", "[/INST]"),
                            List.of(),
                            true)
                    .ends("<s>", "</s>")
                    .chatTemplate("mistral-nemo")
                    .put("rope.freq_base", 1_000_000f);
            return dense(model.heads(4, 2, width / 2), false);
        }
    },
    /** Ministral 3 and later: stretched positions and a temperature that grows with them. */
    MISTRAL_3 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("mistral3", seed, width, 2);
            model.bytePairs(
                            "tekken",
                            List.of(
                                    "<unk>",
                                    "<s>",
                                    "</s>",
                                    "[INST]",
                                    "[/INST]",
                                    "[SYSTEM_PROMPT]",
                                    "[/SYSTEM_PROMPT]"),
                            List.of(),
                            true)
                    .ends("<s>", "</s>")
                    .chatTemplate("mistral-small-3")
                    .put("attention.temperature_scale", 0.1f)
                    .put("rope.scaling.type", "yarn")
                    .put("rope.scaling.factor", 16f)
                    .put("rope.scaling.yarn_beta_fast", 32f)
                    .put("rope.scaling.yarn_beta_slow", 1f)
                    .put("rope.scaling.yarn_log_multiplier", 1f)
                    .put("rope.scaling.original_context_length", 64);
            return dense(model.heads(4, 2, width / 4), true);
        }
    },
    MIXTRAL {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("llama", seed, width, 2);
            model.sentencePieces(true, "<unk>", "<s>", "</s>")
                    .ends("<s>", "</s>")
                    .chatTemplate("mixtral")
                    .heads(4, 2, width / 4)
                    .put("feed_forward_length", width)
                    .put("expert_count", 4)
                    .put("expert_used_count", 2)
                    .embeddings(false);
            for (int layer = 0; layer < model.layers(); layer++) {
                model.attention(layer, false, false);
                model.norm(layer, "ffn_norm");
                model.experts(layer, 4, width);
            }
            return model;
        }
    },
    /** Qwen 2 and 2.5: biases on queries, keys and values. */
    QWEN_2 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("qwen2", seed, width, 2);
            qwenTokens(model).chatTemplate("qwen-2.5").heads(4, 2, width / 4);
            model.put("feed_forward_length", 2 * width).embeddings(true);
            for (int layer = 0; layer < model.layers(); layer++) {
                model.attention(layer, true, false);
                model.norm(layer, "ffn_norm");
                model.feedForward(layer, 2 * width);
            }
            return model;
        }
    },
    QWEN_2_MOE {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("qwen2moe", seed, width, 2);
            qwenTokens(model).chatTemplate("qwen-2.5").heads(4, 4, width / 4);
            model.put("feed_forward_length", 2 * width)
                    .put("expert_feed_forward_length", width)
                    .put("expert_shared_feed_forward_length", 2 * width)
                    .put("expert_count", 4)
                    .put("expert_used_count", 2)
                    .embeddings(false);
            for (int layer = 0; layer < model.layers(); layer++) {
                model.attention(layer, true, false);
                model.norm(layer, "ffn_norm");
                model.experts(layer, 4, width);
                model.sharedExperts(layer, 2 * width);
                model.vector("blk." + layer + ".ffn_gate_inp_shexp.weight", width, -0.2, 0.2);
            }
            return model;
        }
    },
    /** Norms of queries and keys; heads wider than their share of the hidden state. */
    QWEN_3 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("qwen3", seed, width, 2);
            qwenTokens(model).chatTemplate("qwen-3").heads(4, 2, width / 2);
            model.put("feed_forward_length", 2 * width).embeddings(true);
            for (int layer = 0; layer < model.layers(); layer++) {
                model.attention(layer, false, true);
                model.norm(layer, "ffn_norm");
                model.feedForward(layer, 2 * width);
            }
            return model;
        }
    },
    QWEN_3_MOE {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("qwen3moe", seed, width, 2);
            qwenTokens(model).chatTemplate("qwen-3").heads(4, 2, width / 2);
            model.put("feed_forward_length", 2 * width)
                    .put("expert_feed_forward_length", width)
                    .put("expert_count", 8)
                    .put("expert_used_count", 2)
                    .embeddings(false);
            for (int layer = 0; layer < model.layers(); layer++) {
                model.attention(layer, false, true);
                model.norm(layer, "ffn_norm");
                model.experts(layer, 8, width);
            }
            return model;
        }
    },
    /** Latent attention as the older files have it, with keys and values in one matrix. */
    DEEPSEEK_V2 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("deepseek2", seed, width, 3);
            model.bytePairs(
                            "deepseek-llm",
                            List.of("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"),
                            List.of(),
                            true)
                    .ends("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>")
                    .chatTemplate("deepseek-v2");
            return new LatentAttention(model, false).build();
        }
    },
    /** Latent attention over compressed keys; experts in groups, chosen by sigmoids with biases. */
    DEEPSEEK_V3 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("deepseek2", seed, width, 3);
            model.bytePairs(
                            "deepseek-v3",
                            List.of(
                                    "<｜begin▁of▁sentence｜>",
                                    "<｜end▁of▁sentence｜>",
                                    "<｜User｜>",
                                    "<｜Assistant｜>"),
                            List.of(),
                            true)
                    .ends("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>")
                    .chatTemplate("deepseek-v3.1");
            return new LatentAttention(model, true).build();
        }
    },
    /** Windows on every second layer, and caps on attention and logits. */
    GEMMA_2 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("gemma2", seed, width, 4);
            gemmaTokens(model).chatTemplate("gemma-2");
            model.put("attn_logit_softcapping", 50f).put("final_logit_softcapping", 30f);
            return gemma(model, false);
        }
    },
    /** Windows on five of six layers, which have rotary frequencies of their own. */
    GEMMA_3 {
        @Override
        FamilyWriter build(long seed, int width) {
            FamilyWriter model = new FamilyWriter("gemma3", seed, width, 6);
            gemmaTokens(model).chatTemplate("gemma-3");
            model.put("rope.freq_base", 1_000_000f).put("rope.freq_base_swa", 10_000f);
            return gemma(model, true);
        }
    };

    /** The hidden state is this wide unless quantization needs more. */
    public static final int WIDTH = 64;

    abstract FamilyWriter build(long seed, int width);

    /** Writes a model and returns the path. */
    public Path write(Path path, long seed) {
        try {
            writer(seed, WIDTH).write(path);
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a writer that holds a whole model, to be changed before it is written. */
    public GgufWriter writer(long seed, int width) {
        return build(seed, width).gguf();
    }

    private static FamilyWriter dense(FamilyWriter model, boolean tied) {
        int inner = 2 * model.width();
        model.put("feed_forward_length", inner).embeddings(tied);
        for (int layer = 0; layer < model.layers(); layer++) {
            model.attention(layer, false, false);
            model.norm(layer, "ffn_norm");
            model.feedForward(layer, inner);
        }
        return model;
    }

    private static FamilyWriter llama3Tokens(FamilyWriter model) {
        return model.bytePairs(
                        "llama-bpe",
                        List.of(
                                "<|begin_of_text|>",
                                "<|end_of_text|>",
                                "<|start_header_id|>",
                                "<|end_header_id|>",
                                "<|eot_id|>"),
                        List.of(),
                        true)
                .ends("<|begin_of_text|>", "<|end_of_text|>");
    }

    private static FamilyWriter qwenTokens(FamilyWriter model) {
        return model.bytePairs(
                        "qwen2",
                        List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
                        List.of("<think>", "</think>"),
                        false)
                .ends("<|endoftext|>", "<|im_end|>")
                .put("rope.freq_base", 1_000_000f);
    }

    private static FamilyWriter gemmaTokens(FamilyWriter model) {
        return model.sentencePieces(
                        false,
                        "<pad>",
                        "<eos>",
                        "<bos>",
                        "<unk>",
                        "<start_of_turn>",
                        "<end_of_turn>")
                .ends("<bos>", "<eos>");
    }

    private static FamilyWriter gemma(FamilyWriter model, boolean headNorms) {
        int inner = 2 * model.width();
        model.heads(4, 2, model.width() / 2)
                .put("attention.sliding_window", 16)
                .put("feed_forward_length", inner)
                .embeddings(true);
        for (int layer = 0; layer < model.layers(); layer++) {
            model.attention(layer, false, headNorms);
            model.norm(layer, "post_attention_norm");
            model.norm(layer, "ffn_norm");
            model.feedForward(layer, inner);
            model.norm(layer, "post_ffw_norm");
        }
        return model;
    }
}
