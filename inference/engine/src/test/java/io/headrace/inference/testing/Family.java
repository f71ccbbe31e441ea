package io.headrace.inference.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The model families that users run, each as a tiny model of random weights with the family's own
 * kind of tokenizer, special tokens and chat template. Equal seeds give equal files.
 *
 * @see <a href="https://github.com/ggml-org/llama.cpp/blob/master/src/llama-arch.cpp">names</a>
 */
public enum Family {
    LLAMA_2(
            "llama",
            2,
            TokenizerKind.LLAMA_2,
            "llama-2",
            model -> model.heads(4, 4, 1).transformer()),
    LLAMA_3(
            "llama",
            2,
            TokenizerKind.LLAMA_3,
            "llama-3",
            model -> model.heads(4, 2, 1).put("rope.freq_base", 500_000f).transformer()),
    /** Scaled rotary frequencies, and embeddings that are the head too as in the small ones. */
    LLAMA_3_1(
            "llama",
            2,
            TokenizerKind.LLAMA_3,
            "llama-3.1",
            model ->
                    model.heads(4, 2, 1)
                            .tied()
                            .put("rope.freq_base", 500_000f)
                            .vector("rope_freqs.weight", model.width() / 8, 1, 8)
                            .transformer()),
    /**
     * Every second layer of experts with a shared one; chunked attention but every fourth layer.
     */
    LLAMA_4(
            "llama4",
            4,
            TokenizerKind.LLAMA_4,
            "llama-4",
            model ->
                    model.heads(4, 2, 1)
                            .experts(4, 1, 2)
                            .sharedExpert(2 * model.width(), false)
                            .put("interleave_moe_layer_step", 2)
                            .put("rope.freq_base", 500_000f)
                            .transformer()),
    MISTRAL(
            "llama",
            2,
            TokenizerKind.MISTRAL,
            "mistral-7b",
            model -> model.heads(4, 2, 1).put("rope.freq_base", 1_000_000f).transformer()),
    /** Heads that together are wider than the hidden state. */
    MISTRAL_NEMO(
            "llama",
            2,
            TokenizerKind.TEKKEN,
            "mistral-nemo",
            model -> model.heads(4, 2, 2).put("rope.freq_base", 1_000_000f).transformer()),
    /** Ministral 3 and later: stretched positions and a temperature that grows with them. */
    MISTRAL_3(
            "mistral3",
            2,
            TokenizerKind.TEKKEN,
            "mistral-small-3",
            model ->
                    model.heads(4, 2, 1)
                            .tied()
                            .put("attention.temperature_scale", 1f)
                            .put("rope.scaling.type", "yarn")
                            .put("rope.scaling.factor", 16f)
                            .put("rope.scaling.yarn_beta_fast", 32f)
                            .put("rope.scaling.yarn_beta_slow", 1f)
                            .put("rope.scaling.yarn_log_multiplier", 1f)
                            .put("rope.scaling.original_context_length", 64)
                            .transformer()),
    /** Mistral Small 4: DeepSeek's layers, and a temperature that grows with positions. */
    MISTRAL_4(
            "mistral4",
            3,
            TokenizerKind.TEKKEN,
            "mistral-small-3",
            model ->
                    LatentAttention.addCompressed(
                            model.put("attention.temperature_scale", 1f)
                                    .put("attention.temperature_length", 64))),
    MIXTRAL(
            "llama",
            2,
            TokenizerKind.LLAMA_2,
            "mixtral",
            model -> model.heads(4, 2, 1).experts(4, 2, 1).transformer()),
    /** Qwen 2 and 2.5: biases on queries, keys and values. */
    QWEN_2(
            "qwen2",
            2,
            TokenizerKind.QWEN_2,
            "qwen-2.5",
            model -> qwen(model, 1).biases().tied().transformer()),
    QWEN_2_MOE(
            "qwen2moe",
            2,
            TokenizerKind.QWEN_2,
            "qwen-2.5",
            model ->
                    qwen(model, 1)
                            .heads(4, 4, 1)
                            .biases()
                            .experts(4, 2, 1)
                            .sharedExpert(2 * model.width(), true)
                            .put("expert_shared_feed_forward_length", 2 * model.width())
                            .transformer()),
    /** Norms of queries and keys; heads wider than their share of the hidden state. */
    QWEN_3(
            "qwen3",
            2,
            TokenizerKind.QWEN_2,
            "qwen-3",
            model -> qwen(model, 2).headNorms().tied().transformer()),
    QWEN_3_MOE(
            "qwen3moe",
            2,
            TokenizerKind.QWEN_2,
            "qwen-3",
            model -> qwen(model, 2).headNorms().experts(8, 2, 1).transformer()),
    /** The text part of Qwen 2.5's models that see: positions in sections. */
    QWEN_2_VL(
            "qwen2vl",
            2,
            TokenizerKind.QWEN_2,
            "qwen-2.5",
            model ->
                    qwen(model, 1)
                            .biases()
                            .put("rope.dimension_sections", List.of(2, 3, 3, 0))
                            .transformer()),
    /** The text part of Qwen 3's, which is told of images in several layers. */
    QWEN_3_VL(
            "qwen3vl",
            4,
            TokenizerKind.QWEN_2,
            "qwen-3",
            model ->
                    qwen(model, 2)
                            .headNorms()
                            .tied()
                            .put("n_deepstack_layers", 3)
                            .put("rope.dimension_sections", List.of(6, 5, 5, 0))
                            .transformer()),
    /** Latent attention as the older files have it, with keys and values in one matrix. */
    DEEPSEEK_V2(
            "deepseek2", 3, TokenizerKind.DEEPSEEK_LLM, "deepseek-v2", LatentAttention::addWhole),
    /** Latent attention over compressed keys; experts in groups, chosen by sigmoids with biases. */
    DEEPSEEK_V3(
            "deepseek2",
            3,
            TokenizerKind.DEEPSEEK_V3,
            "deepseek-v3.1",
            LatentAttention::addCompressed),
    /** V3.2 and later: an index chooses what is attended to. */
    DEEPSEEK_V3_2(
            "deepseek32",
            3,
            TokenizerKind.DEEPSEEK_V3,
            "deepseek-v3.2",
            LatentAttention::addIndexed),
    /** Windows on every second layer, and caps on attention and logits. */
    GEMMA_2(
            "gemma2",
            4,
            TokenizerKind.GEMMA,
            "gemma-2",
            model ->
                    gemma(model)
                            .put("attn_logit_softcapping", 50f)
                            .put("final_logit_softcapping", 30f)
                            .transformer()),
    /** Windows on five of six layers, which have rotary frequencies of their own. */
    GEMMA_3(
            "gemma3",
            6,
            TokenizerKind.GEMMA,
            "gemma-3",
            model ->
                    gemma(model)
                            .headNorms()
                            .put("rope.freq_base", 1_000_000f)
                            .put("rope.freq_base_swa", 10_000f)
                            .transformer()),
    /** Four hidden states, inputs of each layer's own, and keys that the last layers share. */
    GEMMA_3N(
            "gemma3n",
            22,
            TokenizerKind.GEMMA,
            "gemma-3",
            model ->
                    Gemma3n.add(
                            gemma(model)
                                    .headNorms(0.5)
                                    .outerNorms(0.3)
                                    .put("rope.freq_base", 1_000_000f)
                                    .put("rope.freq_base_swa", 10_000f))),
    /** Inputs of each layer's own, keys that the last layers share, wider heads without window. */
    GEMMA_4_SMALL("gemma4", 6, TokenizerKind.GEMMA_4, "gemma-4", Gemma4::addSmall),
    /** Keys that are values too, and experts beside the feed-forward part. */
    GEMMA_4_MOE("gemma4", 6, TokenizerKind.GEMMA_4, "gemma-4", Gemma4::addExperts);

    /** The hidden state is this wide unless quantization needs more. */
    public static final int WIDTH = 64;

    private final String architecture;
    private final int layers;
    private final TokenizerKind tokens;
    private final String template;

    @SuppressWarnings("ImmutableEnumChecker") // lambdas, without state
    private final Consumer<FamilyWriter> build;

    /**
     * @param build adds embeddings and layers
     */
    Family(
            String architecture,
            int layers,
            TokenizerKind tokens,
            String template,
            Consumer<FamilyWriter> build) {
        this.architecture = architecture;
        this.layers = layers;
        this.tokens = tokens;
        this.template = template;
        this.build = build;
    }

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
        FamilyWriter model = new FamilyWriter(architecture, seed, width, layers, tokens);
        build.accept(model.chatTemplate(template));
        return model.gguf();
    }

    private static FamilyWriter qwen(FamilyWriter model, int widening) {
        return model.heads(4, 2, widening).put("rope.freq_base", 1_000_000f);
    }

    private static FamilyWriter gemma(FamilyWriter model) {
        return model.heads(4, 2, 2).tied().outerNorms().put("attention.sliding_window", 16);
    }
}
