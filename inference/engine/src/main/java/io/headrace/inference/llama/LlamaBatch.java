package io.headrace.inference.llama;

import com.sun.jna.Memory;

/**
 * The native arrays of one decode: rows of token, position and the sequences they belong to. Owned
 * by the context's thread; sizes are checked here, before native code would abort.
 */
final class LlamaBatch implements AutoCloseable {

    private final int capacity;
    private final int membershipCapacity;
    private final Memory tokens;
    private final Memory positions;
    private final Memory sequenceCounts;
    private final Memory sequencePointers;
    private final Memory sequenceIds;
    private final Memory outputs;
    private final LlamaNative.Batch.Value structure = new LlamaNative.Batch.Value();
    private int rows;
    private int memberships;
    private int outputRows;

    LlamaBatch(int capacity) {
        this.capacity = capacity;
        this.membershipCapacity = 8 * capacity + 4096;
        tokens = new Memory(4L * capacity);
        positions = new Memory(4L * capacity);
        sequenceCounts = new Memory(4L * capacity);
        sequencePointers = new Memory(8L * capacity);
        sequenceIds = new Memory(4L * membershipCapacity);
        outputs = new Memory(capacity);
        structure.tokens = tokens;
        structure.positions = positions;
        structure.sequenceCounts = sequenceCounts;
        structure.sequenceIds = sequencePointers;
        structure.outputs = outputs;
    }

    void clear() {
        rows = 0;
        memberships = 0;
        outputRows = 0;
    }

    /** Adds a row that belongs to one sequence. */
    void add(int token, int position, int sequence, boolean output) {
        int first = beginRow(token, position, output, 1);
        sequenceIds.setInt(4L * first, sequence);
    }

    /** Adds a row that belongs to several sequences. */
    void add(int token, int position, int[] sequences, boolean output) {
        int first = beginRow(token, position, output, sequences.length);
        sequenceIds.write(4L * first, sequences, 0, sequences.length);
    }

    private int beginRow(int token, int position, boolean output, int sequences) {
        if (rows == capacity) {
            throw new IllegalStateException("a batch takes at most " + capacity + " rows");
        }
        if (memberships + sequences > membershipCapacity) {
            throw new IllegalStateException(
                    "the rows of a batch may name at most " + membershipCapacity + " sequences");
        }
        int first = memberships;
        tokens.setInt(4L * rows, token);
        positions.setInt(4L * rows, position);
        sequenceCounts.setInt(4L * rows, sequences);
        sequencePointers.setPointer(8L * rows, sequenceIds.share(4L * first));
        outputs.setByte(rows, (byte) (output ? 1 : 0));
        rows++;
        memberships += sequences;
        outputRows += output ? 1 : 0;
        return first;
    }

    int capacity() {
        return capacity;
    }

    int rows() {
        return rows;
    }

    /** Returns the number of rows whose logits are asked for. */
    int outputRows() {
        return outputRows;
    }

    /** Returns the structure to pass by value. */
    LlamaNative.Batch.Value structure() {
        structure.tokenCount = rows;
        return structure;
    }

    @Override
    public void close() {
        tokens.close();
        positions.close();
        sequenceCounts.close();
        sequencePointers.close();
        sequenceIds.close();
        outputs.close();
    }
}
