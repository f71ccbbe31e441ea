package io.headrace.inference.cpu;

import com.sun.jna.Pointer;

/**
 * The raw functions of {@code headrace.h}, bound directly by JNA. Nothing is checked here: only
 * {@link CpuKernels} and the safe wrappers call it.
 */
final class KernelsNative {

    /** {@code HR_NOT_FINITE}. */
    static final int NOT_FINITE = -4;

    /** {@code HR_NO_PAGES}. */
    static final int NO_PAGES = -6;

    /** {@code HR_STAYS}: the parent of a row that stays in its sequence. */
    static final int STAYS = -2;

    private KernelsNative() {}

    static native String hr_instruction_set(String name);

    static native Pointer hr_model_new(String instructionSet, int[] shape, float[] numbers);

    static native int hr_model_map(Pointer model, String path);

    static native int hr_model_tensor(
            Pointer model,
            int kind,
            int layer,
            int type,
            int part,
            long offset,
            int rows,
            int columns);

    static native int hr_model_build(Pointer model, int threads, int[] where);

    static native long hr_model_bytes(Pointer model);

    static native void hr_model_free(Pointer model);

    static native Pointer hr_adapter_new(Pointer model, String path);

    static native int hr_adapter_pair(
            Pointer adapter,
            int kind,
            int layer,
            int rank,
            float scale,
            int downType,
            long downOffset,
            int upType,
            long upOffset);

    static native void hr_adapter_free(Pointer adapter);

    static native Pointer hr_context_new(
            Pointer model,
            int bits,
            int cells,
            int positions,
            int sequences,
            int rows,
            int outputs,
            int threads);

    static native void hr_context_free(Pointer context);

    static native int hr_fork(Pointer context, int source, int target, int length);

    static native int hr_truncate(Pointer context, int sequence, int length);

    static native int hr_use_threads(Pointer context, int threads);

    static native int hr_use_adapter(Pointer context, Pointer adapter);

    static native int hr_step(
            Pointer context,
            int rows,
            int[] tokens,
            int[] sequences,
            int[] positions,
            int[] parents,
            byte[] outputs);

    static native Pointer hr_logits(Pointer context, int output);
}
