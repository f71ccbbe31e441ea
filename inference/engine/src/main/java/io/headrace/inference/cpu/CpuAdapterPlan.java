package io.headrace.inference.cpu;

import io.headrace.inference.cpu.CpuShape.UnsupportedException;
import io.headrace.inference.gguf.GgufFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the CPU engine takes a LoRA adapter whose file was checked against its model.
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

    static CpuAdapterPlan of(GgufFile adapter) throws UnsupportedException {
        float alpha = (float) adapter.number("adapter.lora.alpha").orElse(0);
        Map<String, GgufFile.Tensor> ups = new HashMap<>();
        adapter.tensors().forEach(tensor -> ups.put(tensor.name(), tensor));
        List<Pair> pairs = new ArrayList<>();
        for (GgufFile.Tensor down : adapter.tensors()) {
            if (down.name().endsWith(DOWN)) {
                String name = down.name().substring(0, down.name().length() - DOWN.length());
                pairs.add(pair(name, down, ups.get(name + UP), alpha));
            }
        }
        return new CpuAdapterPlan(pairs);
    }

    private static Pair pair(String name, GgufFile.Tensor down, GgufFile.Tensor up, float alpha)
            throws UnsupportedException {
        CpuTensor.Place place = CpuTensor.of(name).orElse(null);
        CpuShape.require(place != null && place.tensor().isMatrixOfLayer(), "it changes " + name);
        long rank = up.shape().get(0);
        CpuShape.require(rank <= MOST_RANK, "it has a rank of " + rank);
        float scale = alpha == 0 ? 1 : alpha / rank;
        return new Pair(place, (int) rank, scale, down, up);
    }
}
