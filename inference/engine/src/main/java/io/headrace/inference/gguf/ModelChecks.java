package io.headrace.inference.gguf;

import io.headrace.inference.gguf.GgufFile.ArrayValue;
import io.headrace.inference.gguf.GgufFile.Tensor;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What llama.cpp takes on trust, checked before it sees the file: numbers that it asserts and would
 * end the process for, or divides by, and types that its operators do not take. Shapes of tensors
 * against these numbers it checks itself.
 */
final class ModelChecks {

    private static final long INT_MAX = Integer.MAX_VALUE;

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

    /** Architectures whose graphs need rotary positions over whole heads of one width. */
    private static final Set<String> WHOLE_HEADS =
            Set.of(
                    "llama",
                    "llama4",
                    "mistral3",
                    "qwen2",
                    "qwen2moe",
                    "qwen3",
                    "qwen3moe",
                    "gemma",
                    "gemma2",
                    "gemma3");

    private final GgufFile file;
    private final String architecture;

    private ModelChecks(GgufFile file) {
        this.file = file;
        this.architecture = file.architecture();
    }

    static void check(GgufFile file) throws GgufInput.DamagedException {
        new ModelChecks(file).check();
    }

    private void check() throws GgufInput.DamagedException {
        require(!architecture.isEmpty(), "its metadata names no general.architecture");
        String type = file.text("general.type").orElse("model");
        require(
                !type.equals("mmproj") && !architecture.equals("clip"),
                "it is the part of a multimodal model that reads images or sound; name the text"
                        + " part's file, and use a remote engine for images and sound");
        require(
                type.equals("model"),
                "it is no model but of the type "
                        + type
                        + (type.equals("adapter") ? "; name it as an adapter of its model" : ""));
        require(!file.tensors().isEmpty(), "it holds no tensors");
        checkShape();
        checkHeads();
        checkExperts();
        checkPositions();
        for (Tensor tensor : file.tensors()) {
            checkTensor(tensor);
        }
        new TokenChecks(file).check();
    }

    private void checkShape() throws GgufInput.DamagedException {
        requireInteger("block_count", 1, 512);
        requireInteger("embedding_length", 1, 1 << 20);
        requireInteger("context_length", 1, INT_MAX);
        range("vocab_size", 1, 1 << 24);
        rangeOrArray("feed_forward_length", 0, 1 << 24);
        range("nextn_predict_layers", 0, integer("block_count", 1) - 1);
        range("leading_dense_block_count", 0, integer("block_count", 1));
        finite("attention.layer_norm_rms_epsilon", 0, 1);
        finite("attention.layer_norm_epsilon", 0, 1);
        finite("attention.scale", -1e6, 1e6);
        finite("attn_logit_softcapping", 0, 1e9);
        finite("final_logit_softcapping", 0, 1e9);
    }

    private void checkHeads() throws GgufInput.DamagedException {
        rangeOrArray("attention.head_count", 0, 1 << 12);
        rangeOrArray("attention.head_count_kv", 0, 1 << 12);
        for (int layer = 0; layer < integer("block_count", 1); layer++) {
            long heads = ofLayer("attention.head_count", layer, 0);
            long keyValueHeads = ofLayer("attention.head_count_kv", layer, heads);
            require(
                    keyValueHeads == 0 || heads % keyValueHeads == 0,
                    heads + " attention heads cannot share " + keyValueHeads + " heads of keys");
        }
        long heads = ofLayer("attention.head_count", 0, 0);
        require(heads > 0, "it has no attention heads");
        long usual = integer("embedding_length", 1) / heads;
        range("attention.key_length", 1, 1 << 14);
        range("attention.value_length", 1, 1 << 14);
        long keyWidth = integer("attention.key_length", usual);
        long valueWidth = integer("attention.value_length", usual);
        range("rope.dimension_count", 0, keyWidth);
        long rotary = integer("rope.dimension_count", keyWidth);
        require(rotary % 2 == 0, key("rope.dimension_count") + " is " + rotary);
        if (WHOLE_HEADS.contains(architecture)) {
            require(
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
        range("attention.q_lora_rank", 0, 1 << 16);
        range("attention.kv_lora_rank", 0, 1 << 16);
        range("attention.key_length_mla", 1, 1 << 14);
        range("attention.value_length_mla", 1, 1 << 14);
        boolean compressed = has("attention.key_length_mla");
        require(
                compressed == has("attention.value_length_mla"),
                "only one of key_length_mla and value_length_mla is given");
        if (!has("attention.kv_lora_rank")) {
            return;
        }
        long latent = integer("attention.kv_lora_rank", 0);
        long heads = ofLayer("attention.head_count", 0, 0);
        long keyValueHeads = ofLayer("attention.head_count_kv", 0, heads);
        require(
                compressed || keyValueHeads == heads,
                "its latent attention has " + keyValueHeads + " heads of keys for " + heads);
        long decompressed = integer("attention.key_length_mla", keyWidth);
        require(
                latent > 0 && decompressed > rotary && rotary > 0,
                "its latent attention has the impossible widths "
                        + List.of(latent, decompressed, rotary));
        if (compressed) {
            require(
                    keyWidth == latent + rotary && valueWidth == latent && keyValueHeads == 1,
                    "its latent attention stores keys of "
                            + keyWidth
                            + " and values of "
                            + valueWidth
                            + " numbers");
        }
    }

    private void checkExperts() throws GgufInput.DamagedException {
        range("expert_count", 0, 1024);
        rangeOrArray("expert_used_count", 0, 1024);
        rangeOrArray("expert_feed_forward_length", 0, 1 << 24);
        range("expert_shared_feed_forward_length", 0, 1 << 24);
        range("expert_shared_count", 0, 1024);
        range("expert_gating_func", 0, 4);
        range("interleave_moe_layer_step", 0, 512);
        finite("expert_weights_scale", -1e6, 1e6);
        long experts = integer("expert_count", 0);
        long used = integer("expert_used_count", 0);
        long groups = integer("expert_group_count", 0);
        long groupsUsed = integer("expert_group_used_count", 0);
        boolean possible =
                experts == 0
                        ? used == 0 && groups == 0
                        : used <= experts
                                && (used > 0 || file.array(key("expert_used_count")).isPresent())
                                && groups >= 0
                                && groups < experts;
        require(
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
        String scaling = file.text(key("rope.scaling.type")).orElse("linear");
        require(
                Set.of("none", "linear", "yarn", "longrope").contains(scaling),
                key("rope.scaling.type") + " is " + scaling);
        finite("rope.scaling.factor", 0, 1e6);
        finite("rope.scale_linear", 0, 1e6);
        finite("rope.freq_base", 1e-3, 1e12);
        finite("rope.freq_base_swa", 1e-3, 1e12);
        finite("rope.scaling.attn_factor", -1e6, 1e6);
        finite("rope.scaling.yarn_log_multiplier", -1e6, 1e6);
        finite("attention.temperature_scale", -1e6, 1e6);
        range("rope.scaling.original_context_length", 1, INT_MAX);
        range("attention.temperature_length", 1, INT_MAX);
        range("attention.sliding_window", 0, INT_MAX);
        range("attention.sliding_window_pattern", 0, 512);
    }

    private void checkTensor(Tensor tensor) throws GgufInput.DamagedException {
        require(
                !NO_WEIGHTS.contains(tensor.type()),
                "the tensor " + tensor.name() + " is stored as " + tensor.type());
        boolean vector =
                tensor.shape().size() == 1
                        || tensor.name().endsWith("norm.weight")
                        || tensor.name().endsWith(".bias");
        require(
                !vector || tensor.type() == TensorType.F32,
                "the vector " + tensor.name() + " is stored as " + tensor.type() + ", not as F32");
    }

    /** Returns a number that is one for all layers or an array with one for each. */
    private long ofLayer(String name, int layer, long otherwise) {
        return file.array(key(name))
                .map(array -> array.numbers().get(layer))
                .orElse(integer(name, otherwise));
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private boolean has(String name) {
        return file.metadata().containsKey(key(name));
    }

    private long integer(String name, long otherwise) {
        return file.integer(key(name)).orElse(otherwise);
    }

    private void requireInteger(String name, long least, long most)
            throws GgufInput.DamagedException {
        require(has(name), "its metadata has no " + key(name));
        range(name, least, most);
    }

    private void range(String name, long least, long most) throws GgufInput.DamagedException {
        Object value = file.metadata().get(key(name));
        boolean fits =
                value == null
                        || value instanceof ArrayValue
                        || (value instanceof Long number && number >= least && number <= most);
        require(fits, key(name) + " is " + value);
    }

    private void rangeOrArray(String name, long least, long most)
            throws GgufInput.DamagedException {
        range(name, least, most);
        ArrayValue array = file.array(key(name)).orElse(null);
        if (array == null) {
            return;
        }
        require(
                array.numbers().size() >= integer("block_count", 1)
                        && array.numbers().stream().allMatch(n -> n >= least && n <= most),
                key(name) + " is " + array.numbers());
    }

    private void finite(String name, double least, double most) throws GgufInput.DamagedException {
        Object value = file.metadata().get(key(name));
        OptionalDouble number = file.number(key(name));
        boolean fits =
                value == null
                        || (number.isPresent()
                                && number.getAsDouble() >= least
                                && number.getAsDouble() <= most);
        require(fits, key(name) + " is " + value);
    }

    private static void require(boolean condition, String otherwise)
            throws GgufInput.DamagedException {
        if (!condition) {
            throw new GgufInput.DamagedException(otherwise + ".");
        }
    }
}
