package io.headrace.inference.cpu;

import io.headrace.inference.gguf.GgufFile;
import java.util.Set;

/**
 * The shape of a model that the CPU engine computes.
 *
 * @param width of the hidden state
 * @param heads of queries
 * @param keyHeads heads of keys and values
 * @param headWidth numbers in a head
 * @param rotary numbers of a head that are rotated
 * @param neighbours whether neighbours are rotated, or one half against the other
 * @param scaling of positions
 */
record CpuShape(
        int layers,
        int width,
        int heads,
        int keyHeads,
        int headWidth,
        int rotary,
        int feedForward,
        int vocabulary,
        boolean neighbours,
        float epsilon,
        float rotaryBase,
        RotaryScaling scaling) {

    private static final long LARGEST = 1 << 24;

    private static final Set<String> ARCHITECTURES = Set.of("llama", "qwen2", "qwen3");

    /** A model that this engine does not compute, and why not. */
    static final class UnsupportedException extends Exception {
        private static final long serialVersionUID = 1;

        UnsupportedException(String message) {
            super(message);
        }
    }

    /** Reads the shape from a file whose metadata was checked. */
    static CpuShape of(GgufFile file) throws UnsupportedException {
        String architecture = file.architecture();
        require(
                ARCHITECTURES.contains(architecture),
                "it computes models of the kinds llama, qwen2 and qwen3, and this one is "
                        + architecture);
        requireNone(file, "expert_count", "experts");
        requireNone(file, "attention.sliding_window", "windows of attention");
        require(
                file.array(architecture + ".attention.head_count").isEmpty()
                        && file.array(architecture + ".attention.head_count_kv").isEmpty()
                        && file.array(architecture + ".feed_forward_length").isEmpty(),
                "the model's layers differ from each other");
        int width = integer(file, "embedding_length", 0);
        int heads = integer(file, "attention.head_count", 0);
        require(heads > 0 && width > 0, "its shape is not known");
        int headWidth = integer(file, "attention.key_length", width / heads);
        int keyHeads = integer(file, "attention.head_count_kv", heads);
        require(
                headWidth % 16 == 0 && headWidth > 0 && headWidth <= 1024,
                "its heads are " + headWidth + " wide, which is no multiple of 16 up to 1024");
        require(
                integer(file, "attention.value_length", headWidth) == headWidth
                        && keyHeads > 0
                        && heads % keyHeads == 0,
                "its heads of keys and values do not fit those of queries");
        int rotary = integer(file, "rope.dimension_count", headWidth);
        float base = number(file, "rope.freq_base", 10_000);
        return new CpuShape(
                integer(file, "block_count", 0),
                width,
                heads,
                keyHeads,
                headWidth,
                rotary,
                integer(file, "feed_forward_length", 0),
                Math.toIntExact(
                        file.array("tokenizer.ggml.tokens")
                                .map(GgufFile.ArrayValue::length)
                                .orElse(0L)),
                architecture.equals("llama"),
                number(file, "attention.layer_norm_rms_epsilon", 1e-5),
                base,
                RotaryScaling.of(file, rotary, base));
    }

    /** Returns the fields of {@code hr_shape} that are whole numbers. */
    int[] integers() {
        return new int[] {
            layers,
            width,
            heads,
            keyHeads,
            headWidth,
            rotary,
            feedForward,
            vocabulary,
            neighbours ? 1 : 0
        };
    }

    /** Returns the other fields of {@code hr_shape}. */
    float[] numbers() {
        return new float[] {
            epsilon,
            rotaryBase,
            scaling.scale(),
            scaling.magnitude(),
            scaling.rampFrom(),
            scaling.rampTo()
        };
    }

    private static void requireNone(GgufFile file, String key, String what)
            throws UnsupportedException {
        require(integer(file, key, 0) == 0, "the model has " + what);
    }

    private static int integer(GgufFile file, String key, int otherwise)
            throws UnsupportedException {
        long value = file.integer(file.architecture() + "." + key).orElse(otherwise);
        require(value >= 0 && value <= LARGEST, file.architecture() + "." + key + " is " + value);
        return (int) value;
    }

    private static float number(GgufFile file, String key, double otherwise) {
        return (float) file.number(file.architecture() + "." + key).orElse(otherwise);
    }

    static void require(boolean condition, String otherwise) throws UnsupportedException {
        if (!condition) {
            throw new UnsupportedException(otherwise);
        }
    }
}
