package io.headrace.inference.gguf;

import io.headrace.inference.gguf.GgufFile.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What llama.cpp takes on trust in a LoRA adapter, checked before it sees the file: it reads behind
 * tensors of too few experts, and ends the process for ranks that differ.
 */
final class AdapterChecks {

    private static final String DOWN = ".lora_a";
    private static final String UP = ".lora_b";
    private static final String EMBEDDINGS = "token_embd.weight";
    private static final String NORM = "_norm.weight";
    private static final String HEAD = "output.weight";
    private static final int LONGEST_NAME = 63;
    private static final Set<TensorType> TYPES =
            Set.of(TensorType.F32, TensorType.F16, TensorType.BF16);

    private final GgufFile adapter;
    private final Map<String, Tensor> model;

    private AdapterChecks(GgufFile adapter, GgufFile model) {
        this.adapter = adapter;
        this.model = byName(model.tensors());
    }

    private static Map<String, Tensor> byName(List<Tensor> tensors) {
        Map<String, Tensor> named = new HashMap<>();
        tensors.forEach(tensor -> named.put(tensor.name(), tensor));
        return named;
    }

    static void check(GgufFile adapter, GgufFile model) throws GgufInput.DamagedException {
        checkHead(adapter);
        require(
                adapter.architecture().equals(model.architecture()),
                "it is for models of the kind "
                        + adapter.architecture()
                        + ", and this one is "
                        + model.architecture());
        new AdapterChecks(adapter, model).checkPairs();
    }

    private static void checkHead(GgufFile adapter) throws GgufInput.DamagedException {
        require(
                adapter.text("general.type").orElse("").equals("adapter")
                        && adapter.text("adapter.type").orElse("").equals("lora"),
                "it is no LoRA adapter (its general.type is "
                        + adapter.text("general.type").orElse("missing")
                        + ")");
        require(!adapter.architecture().isEmpty(), "its metadata names no general.architecture");
        require(!adapter.tensors().isEmpty(), "it holds no tensors");
        Object alpha = adapter.metadata().get("adapter.lora.alpha");
        require(
                alpha == null || (alpha instanceof Float value && Float.isFinite(value)),
                "adapter.lora.alpha is " + alpha);
        require(
                adapter.metadata().get("adapter.alora.invocation_tokens") == null,
                "it is an adapter that text switches on (aLoRA), which is not supported");
        for (Tensor tensor : adapter.tensors()) {
            require(
                    TYPES.contains(tensor.type()),
                    "the tensor " + tensor.name() + " is stored as " + tensor.type());
            require(
                    tensor.name().length() <= LONGEST_NAME,
                    "the name of the tensor " + tensor.name() + " is too long");
        }
    }

    private void checkPairs() throws GgufInput.DamagedException {
        Map<String, Tensor> own = byName(adapter.tensors());
        for (Tensor tensor : adapter.tensors()) {
            String name = tensor.name();
            if (name.endsWith(NORM)) {
                continue; // The converter writes them, and llama.cpp passes over them.
            }
            boolean isDown = name.endsWith(DOWN);
            require(
                    isDown || name.endsWith(UP),
                    "the tensor " + name + " is no half of a pair of " + DOWN + " and " + UP);
            String target = name.substring(0, name.length() - DOWN.length());
            Tensor up = own.get(target + UP);
            Tensor down = own.get(target + DOWN);
            require(up != null && down != null, "the other half of " + name + " is missing");
            if (isDown) {
                checkPair(target, down, up);
            }
        }
    }

    private void checkPair(String target, Tensor down, Tensor up)
            throws GgufInput.DamagedException {
        Tensor adapted = model.get(target);
        require(adapted != null, "the model has no tensor " + target);
        boolean embeddings = target.equals(EMBEDDINGS);
        require(
                !embeddings || model.containsKey(HEAD),
                "it changes " + target + ", which is this model's output head too");
        // Of embeddings the first half holds a row for each token, and the second is not turned.
        int inward = embeddings ? 1 : 0;
        int outward = 1 - inward;
        boolean fits =
                size(down, inward) == size(adapted, inward)
                        && size(up, 1) == size(adapted, outward)
                        && size(down, 1 - inward) == size(up, 0);
        for (int dimension = 2; dimension < 4; dimension++) {
            fits &= size(down, dimension) == size(adapted, dimension);
            fits &= size(up, dimension) == size(adapted, dimension);
        }
        require(
                fits,
                "its shapes for "
                        + target
                        + ", "
                        + down.shape()
                        + " and "
                        + up.shape()
                        + ", do not fit the shape "
                        + adapted.shape()
                        + " in the model");
    }

    private static long size(Tensor tensor, int dimension) {
        return dimension < tensor.shape().size() ? tensor.shape().get(dimension) : 1;
    }

    private static void require(boolean condition, String otherwise)
            throws GgufInput.DamagedException {
        if (!condition) {
            throw new GgufInput.DamagedException(otherwise + ".");
        }
    }
}
