package io.headrace.inference.gguf;

import io.headrace.inference.gguf.GgufFile.Tensor;
import java.util.List;
import java.util.Set;

/**
 * What llama.cpp takes on trust, checked before it sees the file: numbers that it asserts and would
 * end the process for, or divides by, and types that its operators do not take. Shapes of tensors
 * against these numbers it checks itself.
 */
final class ModelChecks {

    /** Types that are steps between others, or that no matrix is stored in. */
    private static final Set<TensorType> NO_WEIGHTS =
            Set.of(
                    TensorType.Q8_1,
                    TensorType.Q8_K,
                    TensorType.I8,
                    TensorType.I16,
                    TensorType.I32,
                    TensorType.I64,
                    TensorType.F64);

    /** What only models with a recurrent state or a compressed cache say of themselves. */
    private static final List<String> STATE =
            List.of(
                    "ssm.state_size",
                    "wkv.head_size",
                    "shortconv.l_cache",
                    "attention.compress_ratios");

    /** Architectures whose graphs need rotary positions over whole heads of one width. */
    private static final Set<String> WHOLE_HEADS =
            Set.of(
                    "llama",
                    "llama4",
                    "mistral3",
                    "qwen2",
                    "qwen2moe",
                    "qwen2vl",
                    "qwen3",
                    "qwen3moe",
                    "qwen3vl",
                    "qwen3vlmoe",
                    "gemma",
                    "gemma2",
                    "gemma3");

    private final GgufFile file;
    private final String architecture;
    private final ModelNumbers numbers;

    private ModelChecks(GgufFile file) {
        this.file = file;
        this.architecture = file.architecture();
        this.numbers = new ModelNumbers(file);
    }

    static void check(GgufFile file) throws GgufInput.DamagedException {
        new ModelChecks(file).check();
    }

    private void check() throws GgufInput.DamagedException {
        ModelNumbers.require(!architecture.isEmpty(), "its metadata names no general.architecture");
        String type = file.text("general.type").orElse("model");
        ModelNumbers.require(
                !type.equals("mmproj") && !architecture.equals("clip"),
                "it is the part of a multimodal model that reads images or sound; name the text"
                        + " part's file, and use a remote engine for images and sound");
        ModelNumbers.require(
                type.equals("model"),
                "it is no model but of the type "
                        + type
                        + (type.equals("adapter") ? "; name it as an adapter of its model" : ""));
        ModelNumbers.require(!file.tensors().isEmpty(), "it holds no tensors");
        checkUse();
        checkShape();
        checkHeads();
        checkExperts();
        checkPositions();
        for (Tensor tensor : file.tensors()) {
            checkTensor(tensor);
        }
        new LayerChecks(numbers, architecture).check();
        new TokenChecks(file).check();
    }

    /** Says of models that make no text, or cannot share beginnings, what to do instead. */
    private void checkUse() throws GgufInput.DamagedException {
        ModelNumbers.require(
                numbers.integer("pooling_type", 0) == 0,
                "it makes embeddings or ranks texts and writes none; name a model that writes");
        for (String part : STATE) {
            ModelNumbers.require(
                    !numbers.has(part),
                    "its architecture "
                            + architecture
                            + " keeps a state of what it has read ("
                            + part
                            + "), of which prompts cannot share beginnings as they must here; take a"
                            + " model without one, or serve this one and name it as a remote engine");
        }
    }

    private void checkShape() throws GgufInput.DamagedException {
        numbers.requireInteger("block_count", 1, 512);
        numbers.requireInteger("embedding_length", 1, 1 << 20);
        numbers.requireInteger("context_length", 1, Integer.MAX_VALUE);
        numbers.range("vocab_size", 1, 1 << 24);
        numbers.rangeOrArray("feed_forward_length", 0, 1 << 24);
        numbers.range("nextn_predict_layers", 0, numbers.integer("block_count", 1) - 1);
        numbers.range("leading_dense_block_count", 0, numbers.integer("block_count", 1));
        numbers.finite("attention.layer_norm_rms_epsilon", 0, 1);
        numbers.finite("attention.layer_norm_epsilon", 0, 1);
        numbers.finite("attention.scale", -1e6, 1e6);
        numbers.finite("attn_logit_softcapping", 0, 1e9);
        numbers.finite("final_logit_softcapping", 0, 1e9);
    }

    private void checkHeads() throws GgufInput.DamagedException {
        numbers.rangeOrArray("attention.head_count", 0, 1 << 12);
        numbers.rangeOrArray("attention.head_count_kv", 0, 1 << 12);
        for (int layer = 0; layer < numbers.integer("block_count", 1); layer++) {
            long heads = numbers.ofLayer("attention.head_count", layer, 0);
            long keyValueHeads = numbers.ofLayer("attention.head_count_kv", layer, heads);
            ModelNumbers.require(
                    keyValueHeads == 0 || heads % keyValueHeads == 0,
                    heads + " attention heads cannot share " + keyValueHeads + " heads of keys");
        }
        long heads = numbers.ofLayer("attention.head_count", 0, 0);
        ModelNumbers.require(heads > 0, "it has no attention heads");
        long usual = numbers.integer("embedding_length", 1) / heads;
        numbers.range("attention.key_length", 1, 1 << 14);
        numbers.range("attention.value_length", 1, 1 << 14);
        long keyWidth = numbers.integer("attention.key_length", usual);
        long valueWidth = numbers.integer("attention.value_length", usual);
        numbers.range("rope.dimension_count", 0, keyWidth);
        long rotary = numbers.integer("rope.dimension_count", keyWidth);
        ModelNumbers.require(
                rotary % 2 == 0, numbers.key("rope.dimension_count") + " is " + rotary);
        if (WHOLE_HEADS.contains(architecture)) {
            ModelNumbers.require(
                    keyWidth > 0 && keyWidth == valueWidth && keyWidth == rotary,
                    "its heads have keys of "
                            + keyWidth
                            + ", values of "
                            + valueWidth
                            + " and positions of "
                            + rotary
                            + " numbers, which should be equal");
        }
        checkLatent(keyWidth, valueWidth, rotary);
    }

    private void checkLatent(long keyWidth, long valueWidth, long rotary)
            throws GgufInput.DamagedException {
        numbers.range("attention.q_lora_rank", 0, 1 << 16);
        numbers.range("attention.kv_lora_rank", 0, 1 << 16);
        numbers.range("attention.key_length_mla", 1, 1 << 14);
        numbers.range("attention.value_length_mla", 1, 1 << 14);
        boolean compressed = numbers.has("attention.key_length_mla");
        ModelNumbers.require(
                compressed == numbers.has("attention.value_length_mla"),
                "only one of key_length_mla and value_length_mla is given");
        if (!numbers.has("attention.kv_lora_rank")) {
            return;
        }
        long latent = numbers.integer("attention.kv_lora_rank", 0);
        long heads = numbers.ofLayer("attention.head_count", 0, 0);
        long keyValueHeads = numbers.ofLayer("attention.head_count_kv", 0, heads);
        ModelNumbers.require(
                compressed || keyValueHeads == heads,
                "its latent attention has " + keyValueHeads + " heads of keys for " + heads);
        long decompressed = numbers.integer("attention.key_length_mla", keyWidth);
        ModelNumbers.require(
                latent > 0 && decompressed > rotary && rotary > 0,
                "its latent attention has the impossible widths "
                        + List.of(latent, decompressed, rotary));
        if (compressed) {
            ModelNumbers.require(
                    keyWidth == latent + rotary && valueWidth == latent && keyValueHeads == 1,
                    "its latent attention stores keys of "
                            + keyWidth
                            + " and values of "
                            + valueWidth
                            + " numbers");
        }
    }

    private void checkExperts() throws GgufInput.DamagedException {
        numbers.range("expert_count", 0, 1024);
        numbers.rangeOrArray("expert_used_count", 0, 1024);
        numbers.rangeOrArray("expert_feed_forward_length", 0, 1 << 24);
        numbers.range("expert_shared_feed_forward_length", 0, 1 << 24);
        numbers.range("expert_shared_count", 0, 1024);
        numbers.range("expert_gating_func", 0, 4);
        numbers.range("interleave_moe_layer_step", 0, 512);
        numbers.finite("expert_weights_scale", -1e6, 1e6);
        long experts = numbers.integer("expert_count", 0);
        long used = numbers.integer("expert_used_count", 0);
        long groups = numbers.integer("expert_group_count", 0);
        long groupsUsed = numbers.integer("expert_group_used_count", 0);
        boolean possible =
                experts == 0
                        ? used == 0 && groups == 0
                        : used <= experts
                                && (used > 0
                                        || file.array(numbers.key("expert_used_count")).isPresent())
                                && groups >= 0
                                && groups < experts;
        ModelNumbers.require(
                possible
                        && (groups <= 1
                                || (experts % groups == 0
                                        && groupsUsed > 0
                                        && groupsUsed < groups
                                        && experts / groups >= 2
                                        && used <= experts / groups * groupsUsed)),
                "of "
                        + experts
                        + " experts in "
                        + groups
                        + " groups it cannot use "
                        + used
                        + " from "
                        + groupsUsed);
    }

    private void checkPositions() throws GgufInput.DamagedException {
        String scaling = file.text(numbers.key("rope.scaling.type")).orElse("linear");
        ModelNumbers.require(
                Set.of("none", "linear", "yarn", "longrope").contains(scaling),
                numbers.key("rope.scaling.type") + " is " + scaling);
        numbers.finite("rope.scaling.factor", 0, 1e6);
        numbers.finite("rope.scale_linear", 0, 1e6);
        numbers.finite("rope.freq_base", 1e-3, 1e12);
        numbers.finite("rope.freq_base_swa", 1e-3, 1e12);
        numbers.finite("rope.scaling.attn_factor", -1e6, 1e6);
        numbers.finite("rope.scaling.yarn_log_multiplier", -1e6, 1e6);
        numbers.finite("attention.temperature_scale", -1e6, 1e6);
        numbers.range("rope.scaling.original_context_length", 1, Integer.MAX_VALUE);
        numbers.range("attention.temperature_length", 1, Integer.MAX_VALUE);
    }

    private void checkTensor(Tensor tensor) throws GgufInput.DamagedException {
        ModelNumbers.require(
                !NO_WEIGHTS.contains(tensor.type()),
                "the tensor " + tensor.name() + " is stored as " + tensor.type());
        boolean vector =
                tensor.shape().size() == 1
                        || tensor.name().endsWith("norm.weight")
                        || tensor.name().endsWith(".bias");
        ModelNumbers.require(
                !vector || tensor.type() == TensorType.F32,
                "the vector " + tensor.name() + " is stored as " + tensor.type() + ", not as F32");
    }
}
