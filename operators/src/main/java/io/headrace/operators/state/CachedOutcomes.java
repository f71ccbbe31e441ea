package io.headrace.operators.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The outcomes of all tasks for a text, as the result cache keeps them: in their binary form, which
 * takes a fraction of the memory and is copied into checkpoints as it is.
 */
public final class CachedOutcomes {

    private static final int USUAL_BYTES = 128;

    private final long writtenMillis;
    private final byte[] encoded;

    private CachedOutcomes(long writtenMillis, byte[] encoded) {
        this.writtenMillis = writtenMillis;
        this.encoded = encoded;
    }

    /**
     * Takes down outcomes.
     *
     * @param writtenMillis processing time at which they are written
     * @param outcomes one for each task
     */
    public static CachedOutcomes of(long writtenMillis, List<TaskOutcome> outcomes) {
        DataOutputSerializer out = new DataOutputSerializer(USUAL_BYTES);
        try {
            out.writeLong(writtenMillis);
            Fields.writeList(outcomes, Fields::writeOutcome, out);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to memory", e);
        }
        return new CachedOutcomes(writtenMillis, out.getCopyOfBuffer());
    }

    /** Processing time at which they were written. */
    public long writtenMillis() {
        return writtenMillis;
    }

    /** One for each task. */
    public List<TaskOutcome> outcomes() {
        DataInputDeserializer in =
                new DataInputDeserializer(encoded, Long.BYTES, encoded.length - Long.BYTES);
        try {
            return Fields.readList(Fields::readOutcome, in);
        } catch (IOException e) {
            throw new UncheckedIOException("a cached result is damaged", e);
        }
    }

    /** The bytes of an entry, {@link #writtenMillis} first. Not to be changed. */
    byte[] encoded() {
        return encoded;
    }
}
