package io.headrace.inference.logits;

import com.sun.jna.Pointer;
import io.headrace.inference.ModelLoadException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logits where the backend left them, read with vector instructions: a row of 128,000 is gone
 * through in the time that copying it would take.
 */
public final class NativeRow implements LogitRow {

    /** {@code HR_NOT_FINITE}. */
    private static final int NOT_FINITE = -4;

    private static final Logger LOG = LoggerFactory.getLogger(NativeRow.class);
    private static final boolean AVAILABLE = available();

    private final Pointer row;
    private final int length;

    private NativeRow(Pointer row, int length) {
        this.row = row;
        this.length = length;
    }

    private static boolean available() {
        try {
            KernelsLibrary.load();
            return true;
        } catch (ModelLoadException e) {
            LOG.debug("Logits are read in Java", e);
            return false;
        }
    }

    /**
     * Returns the row at an address; a copy of it where the library is missing.
     *
     * @param length floats that lie there
     */
    public static LogitRow at(Pointer row, int length) {
        return AVAILABLE ? new NativeRow(row, length) : new ArrayRow(row.getFloatArray(0, length));
    }

    @Override
    public float at(int token) {
        if (token < 0 || token >= length) {
            throw new IndexOutOfBoundsException("there are " + length + " logits, not " + token);
        }
        return row.getFloat((long) Float.BYTES * token);
    }

    @Override
    public int argMax() {
        return token(RowsNative.hr_row_largest(row, length, null));
    }

    @Override
    public int argMax(long[] allowed) {
        if (allowed.length << 6 < length) {
            throw new IllegalArgumentException(
                    "there are " + length + " logits, and bits for " + (allowed.length << 6));
        }
        return token(RowsNative.hr_row_largest(row, length, allowed));
    }

    private static int token(int found) {
        if (found == NOT_FINITE) {
            throw new BrokenLogitsException();
        }
        if (found < 0) {
            throw new IllegalArgumentException("no token is allowed");
        }
        return found;
    }

    @Override
    public double logSumExp() {
        double sum = RowsNative.hr_row_log_sum(row, length);
        if (Double.isNaN(sum)) {
            throw new BrokenLogitsException();
        }
        return sum;
    }

    @Override
    public void copyTo(float[] target) {
        row.read(0, target, 0, length);
    }
}
