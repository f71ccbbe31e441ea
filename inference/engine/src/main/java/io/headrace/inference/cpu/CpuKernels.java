package io.headrace.inference.cpu;

import com.sun.jna.Native;
import io.headrace.inference.ModelLoadException;
import io.headrace.inference.logits.KernelsLibrary;

/** The functions of the CPU engine, bound once in a process. Thread-safe. */
final class CpuKernels {

    private static boolean loaded;

    private CpuKernels() {}

    /**
     * Loads the library and binds its functions.
     *
     * @throws ModelLoadException if there is none for this platform, or it is another version's
     */
    static synchronized void load() {
        if (!loaded) {
            Native.register(KernelsNative.class, KernelsLibrary.load());
            loaded = true;
        }
    }

    /**
     * Returns the name of an instruction set if this processor has it, otherwise null.
     *
     * @param name empty for the best one
     */
    static String instructionSet(String name) {
        load();
        return KernelsNative.hr_instruction_set(name);
    }
}
