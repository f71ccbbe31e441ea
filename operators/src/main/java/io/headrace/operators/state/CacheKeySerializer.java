package io.headrace.operators.state;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Writes the keys of the result cache, short ASCII texts, exactly as Flink's {@link
 * StringSerializer} does, but at once: that one gives a checkpoint's stream each byte alone, which
 * took half of the time of a large cache's checkpoint.
 */
public final class CacheKeySerializer extends ImmutableSerializer<String> {

    /** The only instance; it has no state. */
    public static final CacheKeySerializer INSTANCE = new CacheKeySerializer();

    private static final long serialVersionUID = 1L;
    private static final StringSerializer PLAIN = StringSerializer.INSTANCE;

    /** The format's length is that of the text and one, in a single byte below this. */
    private static final int LENGTH_LIMIT = 0x80;

    private CacheKeySerializer() {}

    @Override
    public String createInstance() {
        return "";
    }

    @Override
    public void serialize(String key, DataOutputView target) throws IOException {
        byte[] encoded = new byte[1 + key.length()];
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c >= LENGTH_LIMIT) {
                PLAIN.serialize(key, target);
                return;
            }
            encoded[1 + i] = (byte) c;
        }
        if (encoded.length >= LENGTH_LIMIT) {
            PLAIN.serialize(key, target);
            return;
        }
        encoded[0] = (byte) encoded.length;
        target.write(encoded);
    }

    @Override
    public String deserialize(DataInputView source) throws IOException {
        return PLAIN.deserialize(source);
    }

    /** That of the plain serializer: it reads what this one writes, and the reverse. */
    @Override
    public TypeSerializerSnapshot<String> snapshotConfiguration() {
        return new StringSerializer.StringSerializerSnapshot();
    }
}
