package io.headrace.inference.gguf;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a GGUF file says of itself: its metadata and the tensors that it holds.
 *
 * @param version of the format, 2 or 3
 * @param metadata values by key: {@code Long} for integers, {@code Float} and {@code Double},
 *     {@code Boolean}, {@code String}, and {@link ArrayValue} for arrays
 * @param tensors in the order of the file; of a split model, of all its files
 * @param parts the files that hold the model, in order
 */
public record GgufFile(
        int version, Map<String, Object> metadata, List<Tensor> tensors, List<Path> parts) {

    /**
     * An array of metadata.
     *
     * @param elementType GGUF's number of the type
     * @param numbers the elements of a short array of whole numbers or flags, otherwise empty
     * @param texts the elements of an array of tokens, otherwise empty
     */
    public record ArrayValue(
            int elementType, long length, List<Long> numbers, List<String> texts) {}

    /**
     * One tensor.
     *
     * @param shape elements in each dimension, the fastest-varying first
     * @param part number of the file that it is in, from 0
     * @param offset of its data, from the beginning of that file
     * @param bytes of its data
     */
    public record Tensor(
            String name, TensorType type, List<Long> shape, int part, long offset, long bytes) {

        Tensor inPart(int number) {
            return new Tensor(name, type, shape, number, offset, bytes);
        }

        long elements() {
            return bytes / type.blockBytes() * type.blockElements();
        }
    }

    public GgufFile {
        metadata = Map.copyOf(metadata);
        tensors = List.copyOf(tensors);
        parts = List.copyOf(parts);
    }

    /** Returns the number of weights. */
    public long parameters() {
        return tensors.stream().mapToLong(Tensor::elements).sum();
    }

    /** Returns the bytes that the weights take in the file. */
    public long tensorBytes() {
        return tensors.stream().mapToLong(Tensor::bytes).sum();
    }

    /** Returns the numbers that a token takes in the KV cache, of keys and values. */
    public long cachedNumbersPerToken() {
        return new LayerPlan(new ModelNumbers(this), architecture()).cachedNumbers();
    }

    public Optional<String> text(String key) {
        return metadata.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    public OptionalLong integer(String key) {
        return metadata.get(key) instanceof Long value
                ? OptionalLong.of(value)
                : OptionalLong.empty();
    }

    public OptionalDouble number(String key) {
        Object value = metadata.get(key);
        return value instanceof Float || value instanceof Double
                ? OptionalDouble.of(((Number) value).doubleValue())
                : OptionalDouble.empty();
    }

    public Optional<ArrayValue> array(String key) {
        return metadata.get(key) instanceof ArrayValue value
                ? Optional.of(value)
                : Optional.empty();
    }

    public Optional<Boolean> flag(String key) {
        return metadata.get(key) instanceof Boolean value ? Optional.of(value) : Optional.empty();
    }

    /** Returns the model family, for instance {@code llama}. */
    public String architecture() {
        return text("general.architecture").orElse("");
    }
}
