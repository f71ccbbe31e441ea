package io.headrace.inference.cpu;

import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;

/**
 * A model of the Llama and Qwen families in plain floats, one token after the other: weights as the
 * file has them, activations never rounded, sums in double precision. Slow, and obviously right.
 */
final class FloatReference {

    private final CpuShape shape;
    private final Map<String, float[]> tensors = new HashMap<>();
    private final float[][][] keys;
    private final float[][][] values;
    private final double[] frequencies;
    private final double magnitude;
    private int position;

    FloatReference(GgufFile file, int mostTokens) throws Exception {
        this.shape = CpuShape.of(file);
        this.keys = new float[shape.layers()][mostTokens][];
        this.values = new float[shape.layers()][mostTokens][];
        for (GgufFile.Tensor tensor : file.tensors()) {
            try (FileChannel channel = FileChannel.open(file.parts().get(tensor.part()))) {
                tensors.put(tensor.name(), read(channel, tensor));
            }
        }
        this.frequencies = frequencies(file, shape, tensors.get("rope_freqs.weight"));
        double factor = number(file, "rope.scaling.factor", 1);
        this.magnitude =
                number(file, "rope.scaling.attn_factor", 1)
                        * (isYarn(file) && factor > 1 ? 1 + 0.1 * Math.log(factor) : 1);
    }

    private static boolean isYarn(GgufFile file) {
        return file.text(file.architecture() + ".rope.scaling.type").orElse("").equals("yarn");
    }

    private static double number(GgufFile file, String key, double otherwise) {
        return file.number(file.architecture() + "." + key).orElse(otherwise);
    }

    /** Angles by which each pair of numbers turns from one position to the next. */
    private static double[] frequencies(GgufFile file, CpuShape shape, float[] factors) {
        double[] frequencies = new double[shape.rotary() / 2];
        boolean scaled =
                !file.text(file.architecture() + ".rope.scaling.type").orElse("").equals("none");
        double factor = scaled ? number(file, "rope.scaling.factor", 1) : 1;
        for (int i = 0; i < frequencies.length; i++) {
            double frequency = Math.pow(shape.rotaryBase(), -2.0 * i / shape.rotary());
            frequency /= factors == null ? 1 : factors[i];
            double stretched = frequency / factor;
            double kept = isYarn(file) ? kept(file, shape, i) : 0;
            frequencies[i] = frequency * kept + stretched * (1 - kept);
        }
        return frequencies;
    }

    /** YaRN's share of a pair that is not stretched, as Hugging Face's transformers have it. */
    private static double kept(GgufFile file, CpuShape shape, int pair) {
        long context =
                file.integer(file.architecture() + ".rope.scaling.original_context_length")
                        .orElseThrow();
        double[] pairs = new double[2];
        for (int end = 0; end < 2; end++) {
            double rotations = end == 0 ? 32 : 1;
            pairs[end] =
                    shape.rotary()
                            * Math.log(context / (rotations * 2 * Math.PI))
                            / (2 * Math.log(shape.rotaryBase()));
        }
        double from = Math.max(Math.floor(pairs[0]), 0);
        double to = Math.min(Math.ceil(pairs[1]), shape.rotary() - 1);
        return 1 - Math.min(1, Math.max(0, (pair - from) / (to - from)));
    }

    /** Appends a token and returns the logits behind it. */
    float[] append(int token) {
        float[] hidden = row(tensors.get("token_embd.weight"), token, shape.width());
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            float[] normed = norm(hidden, block + "attn_norm.weight");
            add(hidden, multiply(block + "attn_output", attend(layer, normed)));
            normed = norm(hidden, block + "ffn_norm.weight");
            float[] inner = multiply(block + "ffn_gate", normed);
            float[] up = multiply(block + "ffn_up", normed);
            for (int i = 0; i < inner.length; i++) {
                inner[i] = (float) (inner[i] / (1 + Math.exp(-inner[i])) * up[i]);
            }
            add(hidden, multiply(block + "ffn_down", inner));
        }
        position++;
        String head = tensors.containsKey("output.weight") ? "output" : "token_embd";
        return multiply(head, norm(hidden, "output_norm.weight"));
    }

    private float[] attend(int layer, float[] normed) {
        String block = "blk." + layer + ".";
        int width = shape.headWidth();
        float[] queries = multiply(block + "attn_q", normed);
        keys[layer][position] = multiply(block + "attn_k", normed);
        values[layer][position] = multiply(block + "attn_v", normed);
        turn(queries, block + "attn_q_norm.weight");
        turn(keys[layer][position], block + "attn_k_norm.weight");
        float[] out = new float[queries.length];
        for (int head = 0; head < shape.heads(); head++) {
            int shared = head / (shape.heads() / shape.keyHeads()) * width;
            double[] weights = new double[position + 1];
            double sum = 0;
            for (int p = 0; p <= position; p++) {
                double score = 0;
                for (int d = 0; d < width; d++) {
                    score += (double) queries[head * width + d] * keys[layer][p][shared + d];
                }
                weights[p] = Math.exp(score / Math.sqrt(width));
                sum += weights[p];
            }
            for (int d = 0; d < width; d++) {
                double mixed = 0;
                for (int p = 0; p <= position; p++) {
                    mixed += weights[p] / sum * values[layer][p][shared + d];
                }
                out[head * width + d] = (float) mixed;
            }
        }
        return out;
    }

    /** Norms each head where the model does, and turns it by its position. */
    private void turn(float[] heads, String norm) {
        int width = shape.headWidth();
        for (int at = 0; at < heads.length; at += width) {
            if (tensors.containsKey(norm)) {
                float[] head = new float[width];
                System.arraycopy(heads, at, head, 0, width);
                System.arraycopy(norm(head, norm), 0, heads, at, width);
            }
            for (int i = 0; i < shape.rotary() / 2; i++) {
                double angle = position * frequencies[i];
                double cosine = magnitude * Math.cos(angle);
                double sine = magnitude * Math.sin(angle);
                int a = at + (shape.neighbours() ? 2 * i : i);
                int b = shape.neighbours() ? a + 1 : a + shape.rotary() / 2;
                double x = heads[a];
                double y = heads[b];
                heads[a] = (float) (x * cosine - y * sine);
                heads[b] = (float) (x * sine + y * cosine);
            }
        }
    }

    private float[] norm(float[] x, String name) {
        float[] weight = tensors.get(name);
        double squares = 0;
        for (float each : x) {
            squares += (double) each * each;
        }
        double factor = 1 / Math.sqrt(squares / x.length + shape.epsilon());
        float[] out = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = (float) (x[i] * factor * weight[i]);
        }
        return out;
    }

    private float[] multiply(String name, float[] x) {
        float[] weights = tensors.get(name + ".weight");
        float[] bias = tensors.get(name + ".bias");
        float[] out = new float[weights.length / x.length];
        for (int row = 0; row < out.length; row++) {
            double sum = bias == null ? 0 : bias[row];
            for (int i = 0; i < x.length; i++) {
                sum += (double) weights[row * x.length + i] * x[i];
            }
            out[row] = (float) sum;
        }
        return out;
    }

    private static void add(float[] to, float[] more) {
        for (int i = 0; i < to.length; i++) {
            to[i] += more[i];
        }
    }

    private static float[] row(float[] matrix, int row, int width) {
        float[] copy = new float[width];
        System.arraycopy(matrix, row * width, copy, 0, width);
        return copy;
    }

    private static float[] read(FileChannel channel, GgufFile.Tensor tensor) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(tensor.bytes()));
        channel.read(data.order(ByteOrder.LITTLE_ENDIAN), tensor.offset());
        data.flip();
        TensorType type = tensor.type();
        int blocks = Math.toIntExact(tensor.bytes() / type.blockBytes());
        float[] out = new float[blocks * type.blockElements()];
        for (int block = 0; block < blocks; block++) {
            int to = block * type.blockElements();
            if (type == TensorType.F32) {
                out[to] = data.getFloat();
                continue;
            }
            float scale = half(data.getShort());
            for (int i = 0; i < (type == TensorType.Q8_0 ? 32 : 16); i++) {
                byte q = data.get();
                if (type == TensorType.Q8_0) {
                    out[to + i] = scale * q;
                } else {
                    out[to + i] = scale * ((q & 15) - 8);
                    out[to + i + 16] = scale * ((q >> 4 & 15) - 8);
                }
            }
        }
        return out;
    }

    private static float half(short bits) {
        int exponent = bits >> 10 & 31;
        float fraction = (bits & 1023) / 1024f;
        float size =
                exponent == 0
                        ? fraction * 0x1p-14f
                        : (float) ((1 + fraction) * Math.pow(2, exponent - 15));
        return bits < 0 ? -size : size;
    }
}
