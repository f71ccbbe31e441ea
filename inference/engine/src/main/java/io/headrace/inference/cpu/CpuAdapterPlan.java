package io.headrace.inference.cpu;

import io.headrace.inference.cpu.CpuShape.UnsupportedException;
import io.headrace.inference.gguf.GgufFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the CPU engine takes a LoRA adapter from its file: checked before anything of it is mapped.
 *
 * @param pairs one for each matrix that it changes
 */
record CpuAdapterPlan(List<Pair> pairs) {

    /**
     * What is added to a matrix: {@code scale * up * (down * inputs)}.
     *
     * @param place of the matrix
     * @param rank rows of {@code down}
     */
    record Pair(
            CpuTensor.Place place,
            int rank,
            float scale,
            GgufFile.Tensor down,
            GgufFile.Tensor up) {}

    /** The kernels' {@code HR_MOST_RANK}. */
    private static final int MOST_RANK = 1024;

    private static final String DOWN = ".lora_a";
    private static final String UP = ".lora_b";

    /**
     * @param adapter its file, of the model's architecture
     * @param shape the model's
     */
    static CpuAdapterPlan of(GgufFile adapter, CpuShape shape) throws UnsupportedException {
        float alpha = (float) adapter.number("adapter.lora.alpha").orElse(0);
        Map<String, GgufFile.Tensor> downs = new HashMap<>();
        for (GgufFile.Tensor tensor : adapter.tensors()) {
            if (tensor.name().endsWith(DOWN)) {
                downs.put(withoutEnd(tensor.name()), tensor);
            }
        }
        List<Pair> pairs = new ArrayList<>();
        for (GgufFile.Tensor tensor : adapter.tensors()) {
            if (tensor.name().endsWith(UP)) {
                GgufFile.Tensor down = downs.remove(withoutEnd(tensor.name()));
                CpuShape.require(down != null, "there is no pair of " + tensor.name());
                pairs.add(pair(down, tensor, alpha, shape));
            } else {
                CpuShape.require(
                        tensor.name().endsWith(DOWN), "it has the tensor " + tensor.name());
            }
        }
        CpuShape.require(downs.isEmpty(), "there are no pairs of " + downs.keySet());
        return new CpuAdapterPlan(pairs);
    }

    private static String withoutEnd(String name) {
        return name.substring(0, name.length() - DOWN.length());
    }

    private static Pair pair(GgufFile.Tensor down, GgufFile.Tensor up, float alpha, CpuShape shape)
            throws UnsupportedException {
        String name = withoutEnd(up.name());
        CpuTensor.Place place = CpuTensor.of(name).orElse(null);
        CpuShape.require(
                place != null && place.tensor().isMatrixOfLayer() && place.layer() < shape.layers(),
                "it changes " + name);
        List<Long> matrix = CpuModelPlan.dimensions(shape, place.tensor());
        CpuShape.require(down.shape().size() == 2, "the tensor " + down.name() + " is no matrix");
        long rank = down.shape().get(1);
        CpuShape.require(rank <= MOST_RANK, "it has a rank of " + rank);
        CpuShape.require(
                down.shape().equals(List.of(matrix.get(0), rank))
                        && up.shape().equals(List.of(rank, matrix.get(1))),
                "its tensors for " + name + " have another shape than the model");
        float scale = alpha == 0 ? 1 : alpha / rank;
        return new Pair(place, (int) rank, scale, down, up);
    }
}
