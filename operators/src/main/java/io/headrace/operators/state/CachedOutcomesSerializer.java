package io.headrace.operators.state;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The binary form of an entry of the result cache. */
public final class CachedOutcomesSerializer extends ImmutableSerializer<CachedOutcomes> {

    /** The only instance; it has no state. */
    public static final CachedOutcomesSerializer INSTANCE = new CachedOutcomesSerializer();

    private static final long serialVersionUID = 1L;

    private CachedOutcomesSerializer() {}

    @Override
    public CachedOutcomes createInstance() {
        return CachedOutcomes.of(0, List.of());
    }

    @Override
    public void serialize(CachedOutcomes cached, DataOutputView target) throws IOException {
        target.write(cached.encoded());
    }

    @Override
    public CachedOutcomes deserialize(DataInputView source) throws IOException {
        return CachedOutcomes.of(source.readLong(), Fields.readList(Fields::readOutcome, source));
    }

    @Override
    public TypeSerializerSnapshot<CachedOutcomes> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Restores {@link #INSTANCE}. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<CachedOutcomes> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
