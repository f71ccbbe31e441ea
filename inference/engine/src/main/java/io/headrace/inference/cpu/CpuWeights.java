package io.headrace.inference.cpu;

import com.sun.jna.Pointer;
import io.headrace.inference.ModelLoadException;
import java.nio.file.Path;

/**
 * A model's weights, packed for one instruction set. Contexts on several threads may share them;
 * they must outlive the contexts. Closing is not thread-safe against use.
 */
final class CpuWeights implements AutoCloseable {

    private final CpuShape shape;
    private Pointer handle;

    private CpuWeights(CpuShape shape, Pointer handle) {
        this.shape = shape;
        this.handle = handle;
    }

    /**
     * Packs the weights of files that were checked before.
     *
     * @param instructionSet its name; empty for the best that this processor has
     * @param threads that share the packing
     */
    static CpuWeights load(CpuModelPlan plan, String instructionSet, int threads) {
        CpuKernels.load();
        Pointer handle =
                KernelsNative.hr_model_new(
                        instructionSet, plan.shape().integers(), plan.shape().numbers());
        if (handle == null) {
            throw new ModelLoadException(
                    "Headrace's CPU engine cannot compute a model of the shape of "
                            + plan.files().get(0)
                            + ".");
        }
        CpuWeights weights = new CpuWeights(plan.shape(), handle);
        try {
            weights.map(plan);
            weights.build(plan, threads);
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private void map(CpuModelPlan plan) {
        for (Path file : plan.files()) {
            if (KernelsNative.hr_model_map(handle, file.toString()) != 0) {
                throw new ModelLoadException("The model file " + file + " cannot be mapped.");
            }
        }
        for (CpuModelPlan.Located tensor : plan.tensors()) {
            int code =
                    KernelsNative.hr_model_tensor(
                            handle,
                            tensor.tensor().number(),
                            tensor.layer(),
                            tensor.type().number(),
                            tensor.part(),
                            tensor.offset(),
                            tensor.rows(),
                            tensor.columns());
            if (code != 0) {
                throw new ModelLoadException(
                        "The tensor "
                                + tensor.tensor().in(tensor.layer())
                                + " of "
                                + plan.files().get(tensor.part())
                                + " is not what the file said when it was checked.");
            }
        }
    }

    private void build(CpuModelPlan plan, int threads) {
        int[] where = new int[2];
        int code = KernelsNative.hr_model_build(handle, threads, where);
        if (code != 0) {
            String tensor =
                    CpuTensor.ofNumber(where[0]).in(where[1]) + " of " + plan.files().get(0);
            throw new ModelLoadException(
                    code == KernelsNative.NOT_FINITE
                            ? "The tensor " + tensor + " holds no numbers."
                            : "The tensor "
                                    + tensor
                                    + " cannot be packed (code "
                                    + code
                                    + "); memory may be short.");
        }
    }

    CpuShape shape() {
        return shape;
    }

    /** Returns the bytes of the packed weights. */
    long bytes() {
        return KernelsNative.hr_model_bytes(handle());
    }

    Pointer handle() {
        if (handle == null) {
            throw new IllegalStateException("the model is closed");
        }
        return handle;
    }

    @Override
    public void close() {
        if (handle != null) {
            KernelsNative.hr_model_free(handle);
            handle = null;
        }
    }
}
