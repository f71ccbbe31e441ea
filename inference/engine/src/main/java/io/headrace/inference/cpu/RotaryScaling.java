package io.headrace.inference.cpu;

import io.headrace.inference.cpu.CpuShape.UnsupportedException;
import io.headrace.inference.gguf.GgufFile;

/**
 * How a model stretches its positions beyond those that it was trained for: not, linearly, or by
 * YaRN, which leaves fast rotations as they are and stretches slow ones. It is llama.cpp's reading
 * of the metadata, which takes YaRN's constants for these architectures from the paper.
 *
 * @param scale what positions are multiplied by where they are stretched
 * @param magnitude what queries and keys are multiplied by
 * @param rampFrom the pair of numbers of a head up to which rotations are left as they are; they
 *     are stretched more and more up to {@code rampTo}
 * @param rampTo the pair from which they are stretched whole; -1 for all
 * @see <a href="https://arxiv.org/abs/2309.00071">YaRN</a>
 */
record RotaryScaling(float scale, float magnitude, float rampFrom, float rampTo) {

    /** Rotations within the original context, above which YaRN leaves them as they are. */
    private static final float MOST_ROTATIONS = 32;

    /** Rotations within it, below which YaRN stretches them whole. */
    private static final float LEAST_ROTATIONS = 1;

    /**
     * Reads it from a file whose metadata was checked.
     *
     * @param rotary numbers of a head that are rotated
     * @param base of the rotations' frequencies
     */
    static RotaryScaling of(GgufFile file, int rotary, float base) throws UnsupportedException {
        String scaling = file.text(file.architecture() + ".rope.scaling.type").orElse("linear");
        float magnitude = number(file, "scaling.attn_factor", 1);
        float factor = number(file, "scaling.factor", number(file, "scale_linear", 0));
        float scale = factor <= 0 ? 1 : 1 / factor;
        return switch (scaling) {
            case "none" -> new RotaryScaling(1, magnitude, -1, -1);
            case "linear" -> new RotaryScaling(scale, magnitude, -1, -1);
            case "yarn" -> yarn(file, scale, magnitude, rotary, base);
            default -> throw new UnsupportedException("its positions are scaled by " + scaling);
        };
    }

    private static RotaryScaling yarn(
            GgufFile file, float scale, float magnitude, int rotary, float base)
            throws UnsupportedException {
        CpuShape.require(base > 1, "its positions are scaled by yarn on a base of " + base);
        String architecture = file.architecture();
        long trained = file.integer(architecture + ".context_length").orElse(1);
        long original =
                file.integer(architecture + ".rope.scaling.original_context_length")
                        .orElse(trained);
        double from = Math.floor(pair(rotary, original, MOST_ROTATIONS, base));
        double to = Math.ceil(pair(rotary, original, LEAST_ROTATIONS, base));
        // The longer the context, the more tokens share attention; this sharpens it again.
        double sharpened = Math.max(1, 1 + 0.1 * Math.log(1 / scale));
        return new RotaryScaling(
                scale,
                (float) (magnitude * sharpened),
                (float) Math.max(0, from),
                (float) Math.min(rotary - 1, to));
    }

    /** Returns the pair that rotates so many times within a context. */
    private static double pair(int rotary, long context, float rotations, float base) {
        return rotary * Math.log(context / (rotations * 2 * Math.PI)) / (2 * Math.log(base));
    }

    private static float number(GgufFile file, String key, double otherwise) {
        return (float) file.number(file.architecture() + ".rope." + key).orElse(otherwise);
    }
}
