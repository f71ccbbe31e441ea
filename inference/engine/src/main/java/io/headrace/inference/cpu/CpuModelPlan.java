package io.headrace.inference.cpu;

import io.headrace.inference.cpu.CpuShape.UnsupportedException;
import io.headrace.inference.gguf.GgufFile;
import io.headrace.inference.gguf.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the CPU engine takes a model from its file: checked before anything of the file is mapped.
 *
 * @param files that hold the model, in order
 * @param tensors all that they hold
 */
record CpuModelPlan(CpuShape shape, List<Path> files, List<Located> tensors) {

    /**
     * A tensor as a matrix.
     *
     * @param layer its layer, or -1
     * @param part number of the file that it is in
     * @param rows outputs; 1 for a vector
     * @param columns inputs
     */
    record Located(
            CpuTensor tensor,
            int layer,
            TensorType type,
            int part,
            long offset,
            int rows,
            int columns) {}

    private static final Set<TensorType> TYPES =
            EnumSet.of(
                    TensorType.F32,
                    TensorType.F16,
                    TensorType.BF16,
                    TensorType.Q4_0,
                    TensorType.Q4_1,
                    TensorType.Q5_0,
                    TensorType.Q5_1,
                    TensorType.Q8_0,
                    TensorType.Q4_K,
                    TensorType.Q5_K,
                    TensorType.Q6_K);

    static CpuModelPlan of(GgufFile file) throws UnsupportedException {
        CpuShape shape = CpuShape.of(file);
        Map<CpuTensor.Place, Located> found = new HashMap<>();
        for (GgufFile.Tensor tensor : file.tensors()) {
            Located located = locate(shape, file.architecture(), tensor);
            found.put(new CpuTensor.Place(located.tensor(), located.layer()), located);
        }
        for (CpuTensor each : CpuTensor.values()) {
            int first = each.isOfLayer() ? 0 : -1;
            int end = each.isOfLayer() ? shape.layers() : 0;
            boolean expected = isExpected(each, file.architecture());
            for (int layer = first; expected && layer < end; layer++) {
                CpuShape.require(
                        found.containsKey(new CpuTensor.Place(each, layer)),
                        "the model has no tensor " + each.in(layer));
            }
        }
        return new CpuModelPlan(shape, file.parts(), new ArrayList<>(found.values()));
    }

    /**
     * Returns a type of weights that would be rounded when they are packed, if there is one. A head
     * in Q6_K, as most files of Q4_0 have it, does not count: the rounding is far finer.
     */
    Optional<TensorType> roundedType() {
        return tensors.stream()
                .filter(each -> each.rows() > 1)
                .filter(each -> each.tensor().isOfLayer() || each.type() != TensorType.Q6_K)
                .map(Located::type)
                .filter(type -> type != TensorType.Q4_0 && type != TensorType.Q8_0)
                .findFirst();
    }

    private static boolean isExpected(CpuTensor tensor, String architecture) {
        return switch (tensor) {
            case QUERY_BIAS, KEY_BIAS, VALUE_BIAS -> architecture.equals("qwen2");
            case QUERY_NORM, KEY_NORM -> architecture.equals("qwen3");
            default -> !tensor.isOptional();
        };
    }

    private static Located locate(CpuShape shape, String architecture, GgufFile.Tensor tensor)
            throws UnsupportedException {
        String name = tensor.name();
        CpuTensor.Place place = CpuTensor.of(name).orElse(null);
        CpuShape.require(
                place != null
                        && place.layer() < shape.layers()
                        && (place.tensor() == CpuTensor.OUTPUT
                                || place.tensor() == CpuTensor.ROTARY_FACTORS
                                || isExpected(place.tensor(), architecture)),
                "it does not know the tensor " + name);
        CpuShape.require(
                TYPES.contains(tensor.type()),
                "the tensor " + name + " is stored as " + tensor.type());
        List<Long> expected = dimensions(shape, place.tensor());
        CpuShape.require(
                tensor.shape().equals(expected),
                "the tensor " + name + " has the shape " + tensor.shape() + ", not " + expected);
        CpuShape.require(
                expected.size() == 2 || tensor.type() == TensorType.F32,
                "the vector " + name + " is stored as " + tensor.type());
        int columns = Math.toIntExact(expected.get(0));
        int rows = expected.size() == 1 ? 1 : Math.toIntExact(expected.get(1));
        return new Located(
                place.tensor(),
                place.layer(),
                tensor.type(),
                tensor.part(),
                tensor.offset(),
                rows,
                columns);
    }

    /** Returns a tensor's shape as files have it, the inputs first. */
    static List<Long> dimensions(CpuShape shape, CpuTensor tensor) {
        long width = shape.width();
        long queries = (long) shape.heads() * shape.headWidth();
        long keys = (long) shape.keyHeads() * shape.headWidth();
        long inner = shape.feedForward();
        return switch (tensor) {
            case EMBEDDING, OUTPUT -> List.of(width, (long) shape.vocabulary());
            case OUTPUT_NORM, ATTENTION_NORM, FEED_NORM -> List.of(width);
            case ROTARY_FACTORS -> List.of((long) shape.rotary() / 2);
            case QUERY -> List.of(width, queries);
            case KEY, VALUE -> List.of(width, keys);
            case ATTENTION_OUTPUT -> List.of(queries, width);
            case GATE, UP -> List.of(width, inner);
            case DOWN -> List.of(inner, width);
            case QUERY_BIAS -> List.of(queries);
            case KEY_BIAS, VALUE_BIAS -> List.of(keys);
            case QUERY_NORM, KEY_NORM -> List.of((long) shape.headWidth());
        };
    }
}
