package io.headrace.inference.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Little-endian values from a file through a small window; never reads behind the file's end. */
final class GgufInput {

    /** The file contradicts itself or the format; the message says where, in lower case. */
    static final class DamagedException extends IOException {
        private static final long serialVersionUID = 1;

        DamagedException(String message) {
            super(message);
        }
    }

    private static final int WINDOW = 1 << 16;

    private final FileChannel channel;
    private final long length;
    private final ByteBuffer window =
            ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long windowStart;

    GgufInput(FileChannel channel) throws IOException {
        this.channel = channel;
        this.length = channel.size();
    }

    long length() {
        return length;
    }

    long position() {
        return windowStart + window.position();
    }

    byte int8() throws IOException {
        fill(1);
        return window.get();
    }

    short int16() throws IOException {
        fill(2);
        return window.getShort();
    }

    int int32() throws IOException {
        fill(4);
        return window.getInt();
    }

    long int64() throws IOException {
        fill(8);
        return window.getLong();
    }

    /**
     * Reads a number of things that follow.
     *
     * @param most a fixed limit
     * @param leastBytes the fewest bytes that each of them takes
     */
    long count(String things, long most, int leastBytes) throws IOException {
        long count = int64();
        require(count >= 0 && count <= most, "it claims " + count + " " + things);
        require(
                count <= (length - position()) / leastBytes,
                "it claims "
                        + count
                        + " "
                        + things
                        + " and is too short for them; it is truncated");
        return count;
    }

    String string(String what, int most) throws IOException {
        long size = stringLength(what);
        require(size <= most, what + " is " + size + " bytes long, above " + most);
        byte[] bytes = new byte[(int) size];
        for (int done = 0; done < bytes.length; ) {
            int part = Math.min(bytes.length - done, WINDOW);
            fill(part);
            window.get(bytes, done, part);
            done += part;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    void skipString(String what) throws IOException {
        skip(stringLength(what));
    }

    void skip(long bytes) throws IOException {
        require(bytes >= 0 && bytes <= length - position(), "it is truncated");
        if (bytes <= window.remaining()) {
            window.position(window.position() + (int) bytes);
        } else {
            windowStart = position() + bytes;
            window.position(0).limit(0);
        }
    }

    void require(boolean condition, String otherwise) throws DamagedException {
        if (!condition) {
            throw damaged(otherwise);
        }
    }

    DamagedException damaged(String message) {
        return new DamagedException(message + ".");
    }

    private long stringLength(String what) throws IOException {
        long size = int64();
        require(
                size >= 0 && size <= length - position(),
                what + " ends behind the file's end; the file is truncated or damaged");
        return size;
    }

    private void fill(int bytes) throws IOException {
        if (window.remaining() >= bytes) {
            return;
        }
        windowStart = position();
        window.clear();
        int read = 0;
        while (read < bytes) {
            int part = channel.read(window, windowStart + window.position());
            if (part < 0) {
                throw damaged("it ends too early, at byte " + length);
            }
            read += part;
        }
        window.flip();
    }
}
