package io.headrace.operators.state;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The binary form of the outcomes of all tasks of a record, as the result cache keeps them. */
public final class TaskOutcomesSerializer extends TypeSerializerSingleton<List<TaskOutcome>> {

    /** The only instance; it has no state. */
    public static final TaskOutcomesSerializer INSTANCE = new TaskOutcomesSerializer();

    private static final long serialVersionUID = 1L;

    private TaskOutcomesSerializer() {}

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public List<TaskOutcome> createInstance() {
        return List.of();
    }

    @Override
    public List<TaskOutcome> copy(List<TaskOutcome> from) {
        return from;
    }

    @Override
    public List<TaskOutcome> copy(List<TaskOutcome> from, List<TaskOutcome> reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(List<TaskOutcome> outcomes, DataOutputView target) throws IOException {
        Fields.writeList(outcomes, Fields::writeOutcome, target);
    }

    @Override
    public List<TaskOutcome> deserialize(DataInputView source) throws IOException {
        return List.copyOf(Fields.readList(Fields::readOutcome, source));
    }

    @Override
    public List<TaskOutcome> deserialize(List<TaskOutcome> reuse, DataInputView source)
            throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<List<TaskOutcome>> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Restores {@link #INSTANCE}. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<List<TaskOutcome>> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
