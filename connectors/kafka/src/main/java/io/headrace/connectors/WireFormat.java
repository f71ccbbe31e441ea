package io.headrace.connectors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The parts that our serializers are made of. Integers are unsigned, seven bits a byte, low bits
 * first; a length is written plus one, so that zero stands for null.
 */
final class WireFormat {

    private WireFormat() {}

    static void writeInt(int value, DataOutputView out) throws IOException {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    static int readInt(DataInputView in) throws IOException {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = in.readByte();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IOException("A variable-length integer of more than five bytes");
    }

    static void writeBytes(byte[] bytes, DataOutputView out) throws IOException {
        if (bytes == null) {
            writeInt(0, out);
            return;
        }
        writeInt(bytes.length + 1, out);
        out.write(bytes);
    }

    static byte[] readBytes(DataInputView in) throws IOException {
        int length = readInt(in) - 1;
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    static void writeString(String text, DataOutputView out) throws IOException {
        writeBytes(text.getBytes(StandardCharsets.UTF_8), out);
    }

    static String readString(DataInputView in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    static void writeHeaders(List<KafkaHeader> headers, DataOutputView out) throws IOException {
        writeInt(headers.size(), out);
        for (KafkaHeader header : headers) {
            writeString(header.name(), out);
            writeBytes(header.value(), out);
        }
    }

    static List<KafkaHeader> readHeaders(DataInputView in) throws IOException {
        int count = readInt(in);
        if (count == 0) {
            return List.of();
        }
        List<KafkaHeader> headers = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            headers.add(new KafkaHeader(readString(in), readBytes(in)));
        }
        return headers;
    }
}
