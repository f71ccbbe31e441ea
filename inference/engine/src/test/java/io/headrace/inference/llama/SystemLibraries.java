package io.headrace.inference.llama;

import com.sun.jna.NativeLibrary;

/** What the linker of this machine finds; asked of it, not of our own code. */
public final class SystemLibraries {

    private SystemLibraries() {}

    /** Whether the machine has a library, such as one that a driver brings. */
    public static boolean has(String library) {
        try {
            NativeLibrary.getInstance(library).close();
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }
}
