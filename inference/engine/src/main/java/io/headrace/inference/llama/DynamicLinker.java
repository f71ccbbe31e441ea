package io.headrace.inference.llama;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/** The dynamic linker of the C library: {@code dlopen}. What it opens stays open. */
final class DynamicLinker {

    /** {@code RTLD_NOW}: symbols that are missing are found out at once. */
    private static final int NOW = 2;

    private final Function open;
    private final Function error;

    DynamicLinker() {
        NativeLibrary process = NativeLibrary.getProcess();
        open = process.getFunction("dlopen");
        error = process.getFunction("dlerror");
    }

    /** Opens a library; returns why that fails, or an empty text. */
    String open(String library) {
        if (open.invokePointer(new Object[] {library, NOW}) != null) {
            return "";
        }
        Pointer reason = error.invokePointer(new Object[0]);
        return reason == null ? "no reason given" : reason.getString(0);
    }
}
