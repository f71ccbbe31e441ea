package io.headrace.inference.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a GGUF file says of itself: its metadata and the tensors that it holds.
 *
 * @param version of the format, 2 or 3
 * @param metadata values by key: {@code Long} for integers, {@code Double} for floats, {@code
 *     Boolean}, {@code String}, and {@link ArrayValue} for arrays, whose elements are not kept
 * @param tensors in the order of the file
 */
public record GgufFile(int version, Map<String, Object> metadata, List<Tensor> tensors) {

    /** An array of metadata: only its kind and length. */
    public record ArrayValue(int elementType, long length) {}

    /**
     * One tensor.
     *
     * @param shape elements in each dimension, the fastest-varying first
     * @param offset of its data, from the beginning of the file
     * @param bytes of its data
     */
    public record Tensor(String name, TensorType type, List<Long> shape, long offset, long bytes) {}

    public GgufFile {
        metadata = Map.copyOf(metadata);
        tensors = List.copyOf(tensors);
    }

    public Optional<String> text(String key) {
        return metadata.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    public OptionalLong integer(String key) {
        return metadata.get(key) instanceof Long value
                ? OptionalLong.of(value)
                : OptionalLong.empty();
    }

    public Optional<Boolean> flag(String key) {
        return metadata.get(key) instanceof Boolean value ? Optional.of(value) : Optional.empty();
    }

    /** Returns the model family, for instance {@code llama}. */
    public String architecture() {
        return text("general.architecture").orElse("");
    }
}
