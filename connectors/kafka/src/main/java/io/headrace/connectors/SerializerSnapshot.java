package io.headrace.connectors;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The versioned mark that a savepoint keeps of a serializer without settings. A later format raises
 * the version and makes {@link #restoreSerializer()} give a reader of the version that was read.
 */
abstract class SerializerSnapshot<T> implements TypeSerializerSnapshot<T> {

    private static final int VERSION = 1;

    private final TypeSerializer<T> serializer;

    SerializerSnapshot(TypeSerializer<T> serializer) {
        this.serializer = serializer;
    }

    @Override
    public final int getCurrentVersion() {
        return VERSION;
    }

    @Override
    public final void writeSnapshot(DataOutputView out) {}

    @Override
    public final void readSnapshot(int version, DataInputView in, ClassLoader loader)
            throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "The state was written by a newer Headrace: format "
                            + version
                            + " of "
                            + serializer.getClass().getSimpleName()
                            + ", this one reads "
                            + VERSION);
        }
    }

    @Override
    public final TypeSerializer<T> restoreSerializer() {
        return serializer;
    }

    @Override
    public final TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
            TypeSerializerSnapshot<T> old) {
        return old.getClass() == getClass()
                ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                : TypeSerializerSchemaCompatibility.incompatible();
    }
}
