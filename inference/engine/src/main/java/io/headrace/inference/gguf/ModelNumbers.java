package io.headrace.inference.gguf;

import io.headrace.inference.gguf.GgufFile.ArrayValue;
import java.util.List;
import java.util.OptionalDouble;

/** The numbers of a model's metadata, by their names without the architecture before them. */
final class ModelNumbers {

    private final GgufFile file;

    ModelNumbers(GgufFile file) {
        this.file = file;
    }

    /** Returns the elements of an array; empty where there is none. */
    List<Long> array(String name) {
        return file.array(key(name)).map(ArrayValue::numbers).orElse(List.of());
    }

    /** Returns a number that is one for all layers or an array with one for each. */
    long ofLayer(String name, int layer, long otherwise) {
        return file.array(key(name))
                .map(array -> array.numbers().get(layer))
                .orElse(integer(name, otherwise));
    }

    String key(String name) {
        return file.architecture() + "." + name;
    }

    boolean has(String name) {
        return file.metadata().containsKey(key(name));
    }

    long integer(String name, long otherwise) {
        return file.integer(key(name)).orElse(otherwise);
    }

    void requireInteger(String name, long least, long most) throws GgufInput.DamagedException {
        require(has(name), "its metadata has no " + key(name));
        range(name, least, most);
    }

    void range(String name, long least, long most) throws GgufInput.DamagedException {
        Object value = file.metadata().get(key(name));
        boolean fits =
                value == null
                        || value instanceof ArrayValue
                        || (value instanceof Long number && number >= least && number <= most);
        require(fits, key(name) + " is " + value);
    }

    void rangeOrArray(String name, long least, long most) throws GgufInput.DamagedException {
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

    void finite(String name, double least, double most) throws GgufInput.DamagedException {
        Object value = file.metadata().get(key(name));
        OptionalDouble number = file.number(key(name));
        boolean fits =
                value == null
                        || (number.isPresent()
                                && number.getAsDouble() >= least
                                && number.getAsDouble() <= most);
        require(fits, key(name) + " is " + value);
    }

    static void require(boolean condition, String otherwise) throws GgufInput.DamagedException {
        if (!condition) {
            throw new GgufInput.DamagedException(otherwise + ".");
        }
    }
}
