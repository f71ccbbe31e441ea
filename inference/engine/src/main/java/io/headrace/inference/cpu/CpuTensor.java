package io.headrace.inference.cpu;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tensors that the CPU engine knows: numbers of {@code hr_tensor_kind}, and names in GGUF
 * files.
 */
enum CpuTensor {
    EMBEDDING(0, "token_embd.weight"),
    OUTPUT_NORM(1, "output_norm.weight"),
    OUTPUT(2, "output.weight"),
    ROTARY_FACTORS(3, "rope_freqs.weight"),
    ATTENTION_NORM(4, "attn_norm.weight"),
    QUERY(5, "attn_q.weight"),
    KEY(6, "attn_k.weight"),
    VALUE(7, "attn_v.weight"),
    ATTENTION_OUTPUT(8, "attn_output.weight"),
    FEED_NORM(9, "ffn_norm.weight"),
    GATE(10, "ffn_gate.weight"),
    UP(11, "ffn_up.weight"),
    DOWN(12, "ffn_down.weight"),
    QUERY_BIAS(13, "attn_q.bias"),
    KEY_BIAS(14, "attn_k.bias"),
    VALUE_BIAS(15, "attn_v.bias"),
    QUERY_NORM(16, "attn_q_norm.weight"),
    KEY_NORM(17, "attn_k_norm.weight");

    /**
     * A tensor of a file.
     *
     * @param layer its layer, or -1
     */
    record Place(CpuTensor tensor, int layer) {}

    private static final Pattern OF_LAYER = Pattern.compile("blk\\.(\\d{1,4})\\.(.*)");
    private static final Map<String, CpuTensor> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(each -> each.name, each -> each));

    private final int number;
    private final String name;

    CpuTensor(int number, String name) {
        this.number = number;
        this.name = name;
    }

    static CpuTensor ofNumber(int number) {
        return values()[number];
    }

    /** Returns its {@code hr_tensor_kind}. */
    int number() {
        return number;
    }

    boolean isOfLayer() {
        return number > ROTARY_FACTORS.number;
    }

    /** Returns whether it is a matrix that an adapter may change. */
    boolean isMatrixOfLayer() {
        return number >= QUERY.number && number <= DOWN.number && this != FEED_NORM;
    }

    boolean isOptional() {
        return this == OUTPUT || this == ROTARY_FACTORS || number > DOWN.number;
    }

    /** Returns the name in a file, for instance {@code blk.3.attn_q.weight}. */
    String in(int layer) {
        return isOfLayer() ? "blk." + layer + "." + name : name;
    }

    static Optional<Place> of(String name) {
        Matcher layered = OF_LAYER.matcher(name);
        boolean ofLayer = layered.matches();
        CpuTensor tensor = BY_NAME.get(ofLayer ? layered.group(2) : name);
        if (tensor == null || tensor.isOfLayer() != ofLayer) {
            return Optional.empty();
        }
        return Optional.of(new Place(tensor, ofLayer ? Integer.parseInt(layered.group(1)) : -1));
    }
}
