package io.headrace.inference.logits;

import com.sun.jna.Pointer;

/** The functions of {@code headrace.h} on rows of logits, bound directly by JNA. */
final class RowsNative {

    private RowsNative() {}

    static native int hr_version();

    static native int hr_row_largest(Pointer row, int count, long[] allowed);

    static native double hr_row_log_sum(Pointer row, int count);
}
