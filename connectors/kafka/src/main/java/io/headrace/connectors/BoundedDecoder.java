package io.headrace.connectors;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;

/**
 * Avro's binary decoding over a byte array that never allocates more than the array can justify.
 *
 * <p>Avro's own decoder allocates what a length prefix asks for before it looks whether the bytes
 * are there; its limits are static and the same for every user of the JVM. A dozen hostile bytes
 * then cost two gigabytes. Here a string's length is checked against the bytes that remain, and the
 * elements of all collections together against the payload's length plus a fixed number for
 * elements that take no byte, like nulls. Format: Avro specification, "Binary Encoding".
 */
final class BoundedDecoder extends Decoder {

    private static final long ELEMENTS_WITHOUT_BYTES = 65_536;
    private static final int MAX_VARINT_BYTES = 10;
    private static final int MAX_INT_BYTES = 5;

    private final byte[] bytes;
    private final int end;
    private int position;
    private long elementsLeft;

    BoundedDecoder(byte[] bytes, int start) {
        this.bytes = bytes;
        this.position = start;
        this.end = bytes.length;
        this.elementsLeft = bytes.length + ELEMENTS_WITHOUT_BYTES;
    }

    int remaining() {
        return end - position;
    }

    @Override
    public void readNull() {}

    @Override
    public boolean readBoolean() throws IOException {
        byte value = next();
        if (value != 0 && value != 1) {
            throw new AvroRuntimeException("A boolean is 0 or 1, not " + value);
        }
        return value == 1;
    }

    @Override
    public int readInt() throws IOException {
        int start = position;
        long value = readLong();
        // Avro's own decoder takes no longer form of a small number.
        if (value != (int) value || position - start > MAX_INT_BYTES) {
            throw new AvroRuntimeException("An int is out of range: " + value);
        }
        return (int) value;
    }

    @Override
    public long readLong() throws IOException {
        long bits = 0;
        for (int index = 0; index < MAX_VARINT_BYTES; index++) {
            byte next = next();
            bits |= (long) (next & 0x7f) << (7 * index);
            if (next >= 0) {
                return (bits >>> 1) ^ -(bits & 1);
            }
        }
        throw new AvroRuntimeException("An integer is longer than ten bytes");
    }

    @Override
    public float readFloat() throws IOException {
        return Float.intBitsToFloat((int) littleEndian(Float.BYTES));
    }

    @Override
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(littleEndian(Double.BYTES));
    }

    @Override
    public Utf8 readString(Utf8 old) throws IOException {
        int length = readLength();
        byte[] text = new byte[length];
        readFixed(text, 0, length);
        return new Utf8(text);
    }

    @Override
    public String readString() throws IOException {
        return readString(null).toString();
    }

    @Override
    public void skipString() throws IOException {
        skip(readLength());
    }

    @Override
    public ByteBuffer readBytes(ByteBuffer old) throws IOException {
        int length = readLength();
        byte[] copy = new byte[length];
        readFixed(copy, 0, length);
        return ByteBuffer.wrap(copy);
    }

    @Override
    public void skipBytes() throws IOException {
        skip(readLength());
    }

    @Override
    public void readFixed(byte[] target, int start, int length) throws IOException {
        require(length);
        System.arraycopy(bytes, position, target, start, length);
        position += length;
    }

    @Override
    public void skipFixed(int length) throws IOException {
        require(length);
        position += length;
    }

    @Override
    public int readEnum() throws IOException {
        return readInt();
    }

    @Override
    public long readArrayStart() throws IOException {
        return readBlockCount();
    }

    @Override
    public long arrayNext() throws IOException {
        return readBlockCount();
    }

    @Override
    public long skipArray() throws IOException {
        return skipBlocks();
    }

    @Override
    public long readMapStart() throws IOException {
        return readBlockCount();
    }

    @Override
    public long mapNext() throws IOException {
        return readBlockCount();
    }

    @Override
    public long skipMap() throws IOException {
        return skipBlocks();
    }

    @Override
    public int readIndex() throws IOException {
        return readInt();
    }

    private void skip(int length) {
        position += length;
    }

    private byte next() throws IOException {
        require(1);
        return bytes[position++];
    }

    private void require(int length) throws IOException {
        if (length > remaining()) {
            throw new EOFException(
                    "ends early: " + length + " bytes wanted, " + remaining() + " left");
        }
    }

    private int readLength() throws IOException {
        long length = readLong();
        if (length < 0) {
            throw new AvroRuntimeException("A length is negative: " + length);
        }
        if (length > remaining()) {
            throw new EOFException(
                    "ends early: " + length + " bytes wanted, " + remaining() + " left");
        }
        return (int) length;
    }

    private long littleEndian(int length) throws IOException {
        require(length);
        long bits = 0;
        for (int index = 0; index < length; index++) {
            bits |= (bytes[position++] & 0xffL) << (8 * index);
        }
        return bits;
    }

    /** Reads a block's count; a negative one is followed by the block's size in bytes. */
    private long readBlockCount() throws IOException {
        long count = readLong();
        if (count < 0) {
            readLength();
            // The smallest long has no positive counterpart and stays negative.
            count = -count;
        }
        if (count < 0 || count > elementsLeft) {
            throw new AvroRuntimeException("A collection claims " + count + " elements");
        }
        elementsLeft -= count;
        return count;
    }

    /** Skips blocks that give their size; returns the count of the first that does not. */
    private long skipBlocks() throws IOException {
        long count = readLong();
        while (count < 0) {
            skip(readLength());
            count = readLong();
        }
        if (count > elementsLeft) {
            throw new AvroRuntimeException("A collection claims " + count + " elements");
        }
        elementsLeft -= count;
        return count;
    }
}
