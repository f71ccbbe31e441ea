package io.headrace.inference.cpu;

import io.headrace.inference.Backend;
import io.headrace.inference.ModelLoadException;
import org.junit.jupiter.api.Assumptions;

/** Skips tests of the CPU engine where the build found no C compiler. */
public final class OwnEngine {

    private OwnEngine() {}

    public static void assumePresent() {
        try {
            CpuKernels.load();
        } catch (ModelLoadException e) {
            Assumptions.abort(e.getMessage());
        }
    }

    /** Does nothing for another engine. */
    public static void assumePresentFor(Backend backend) {
        if (backend == Backend.HEADRACE) {
            assumePresent();
        }
    }

    /** Returns whether this processor is one that the engine was measured on. */
    public static boolean isMeasured() {
        return CpuKernels.instructionSet("").equals("avx2");
    }
}
