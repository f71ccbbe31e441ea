package io.headrace.inference.testing;

import io.headrace.inference.gguf.TensorType;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes GGUF files of version 3. Tensors are streamed, so a model may be larger than memory. */
public final class GgufWriter {

    private static final int ALIGNMENT = 32;

    /** Writes the data of one tensor, exactly as many bytes as its type and shape take. */
    public interface TensorData {
        void writeTo(OutputStream out) throws IOException;
    }

    /** A whole number with a sign; an Integer by itself is one without. */
    public record Signed(int value) {}

    private record Tensor(String name, TensorType type, List<Long> shape, TensorData data) {
        long bytes() {
            long elements = shape.stream().reduce(1L, (left, right) -> left * right);
            return elements / type.blockElements() * type.blockBytes();
        }
    }

    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final List<Tensor> tensors = new ArrayList<>();

    /**
     * Sets a value: a Short, Integer, Signed, Long, Float, Boolean, String, or a List of Strings or
     * of numbers.
     */
    public GgufWriter put(String key, Object value) {
        metadata.put(key, value);
        return this;
    }

    /** Returns the keys that are set, in order. */
    public List<String> keys() {
        return List.copyOf(metadata.keySet());
    }

    /** Returns a value; null where the key is not set. */
    public Object get(String key) {
        return metadata.get(key);
    }

    /** Removes a value. */
    public GgufWriter remove(String key) {
        metadata.remove(key);
        return this;
    }

    /** Returns the number of tensors. */
    public int tensors() {
        return tensors.size();
    }

    /** Changes what the file says of a tensor, and leaves its data as it is. */
    public GgufWriter claim(int tensor, String name, TensorType type, List<Long> shape) {
        Tensor old = tensors.get(tensor);
        tensors.set(tensor, new Tensor(name, type, shape, old.data()));
        return this;
    }

    /** Makes all weights of a tensor in F32 one number. */
    public GgufWriter fill(String name, float weight) {
        int place = 0;
        while (!tensors.get(place).name().equals(name)) {
            place++;
        }
        Tensor old = tensors.get(place);
        ByteBuffer data = ByteBuffer.allocate((int) old.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (data.hasRemaining()) {
            data.putFloat(weight);
        }
        tensors.set(
                place, new Tensor(name, old.type(), old.shape(), out -> out.write(data.array())));
        return this;
    }

    public String tensorName(int tensor) {
        return tensors.get(tensor).name();
    }

    public List<Long> tensorShape(int tensor) {
        return tensors.get(tensor).shape();
    }

    public TensorType tensorType(int tensor) {
        return tensors.get(tensor).type();
    }

    /** Adds a tensor; the fastest-varying dimension comes first. */
    public GgufWriter tensor(String name, TensorType type, List<Long> shape, TensorData data) {
        tensors.add(new Tensor(name, type, shape, data));
        return this;
    }

    /**
     * Writes the tensors into several files as llama.cpp splits them, the metadata into the first.
     *
     * @return the first file
     */
    public Path writeSplit(Path folder, String name, int parts) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            GgufWriter writer = new GgufWriter();
            if (part == 0) {
                metadata.forEach(writer::put);
            }
            writer.put("split.no", (short) part)
                    .put("split.count", (short) parts)
                    .put("split.tensors.count", new Signed(tensors.size()));
            for (int i = part; i < tensors.size(); i += parts) {
                writer.tensors.add(tensors.get(i));
            }
            Path file = folder.resolve("%s-%05d-of-%05d.gguf".formatted(name, part + 1, parts));
            writer.write(file);
            files.add(file);
        }
        return files.get(0);
    }

    public void write(Path path) throws IOException {
        try (OutputStream file = Files.newOutputStream(path);
                OutputStream out = new BufferedOutputStream(file, 1 << 16)) {
            byte[] head = head();
            out.write(head);
            pad(out, head.length);
            for (Tensor tensor : tensors) {
                tensor.data().writeTo(out);
                pad(out, tensor.bytes());
            }
        }
    }

    /** Returns what stands before the tensors' data. */
    byte[] head() {
        Bytes bytes = new Bytes();
        bytes.raw("GGUF".getBytes(StandardCharsets.US_ASCII));
        bytes.int32(3).int64(tensors.size()).int64(metadata.size());
        metadata.forEach(
                (key, value) -> {
                    bytes.string(key);
                    bytes.value(value);
                });
        long offset = 0;
        for (Tensor tensor : tensors) {
            bytes.string(tensor.name()).int32(tensor.shape().size());
            tensor.shape().forEach(bytes::int64);
            bytes.int32(tensor.type().number()).int64(offset);
            offset += (tensor.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        return bytes.toArray();
    }

    private static void pad(OutputStream out, long written) throws IOException {
        out.write(new byte[(int) ((ALIGNMENT - written % ALIGNMENT) % ALIGNMENT)]);
    }

    /** Little-endian bytes in memory. */
    private static final class Bytes {
        private ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

        Bytes raw(byte[] bytes) {
            room(bytes.length).put(bytes);
            return this;
        }

        Bytes int32(int value) {
            room(4).putInt(value);
            return this;
        }

        Bytes int64(long value) {
            room(8).putLong(value);
            return this;
        }

        Bytes string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return int64(utf8.length).raw(utf8);
        }

        void value(Object value) {
            int32(type(value));
            if (value instanceof List<?> list) {
                int32(elementType(list)).int64(list.size());
                list.forEach(this::bare);
            } else {
                bare(value);
            }
        }

        private void bare(Object value) {
            if (value instanceof String text) {
                string(text);
            } else if (value instanceof Integer number) {
                int32(number);
            } else if (value instanceof Signed number) {
                int32(number.value());
            } else if (value instanceof Short number) {
                raw(new byte[] {number.byteValue(), (byte) (number >> 8)});
            } else if (value instanceof Long number) {
                int64(number);
            } else if (value instanceof Float number) {
                int32(Float.floatToIntBits(number));
            } else if (value instanceof Boolean flag) {
                raw(new byte[] {(byte) (flag ? 1 : 0)});
            } else {
                throw new IllegalArgumentException("no GGUF type for " + value.getClass());
            }
        }

        /** Whole numbers are unsigned by themselves and signed in arrays, as llama.cpp has them. */
        private static int elementType(List<?> list) {
            int type = list.isEmpty() ? 8 : type(list.get(0));
            return type == 4 ? 5 : type;
        }

        private static int type(Object value) {
            if (value instanceof Short) {
                return 2;
            } else if (value instanceof Signed) {
                return 5;
            } else if (value instanceof Integer) {
                return 4;
            } else if (value instanceof Float) {
                return 6;
            } else if (value instanceof Boolean) {
                return 7;
            } else if (value instanceof String) {
                return 8;
            } else if (value instanceof List) {
                return 9;
            }
            return 10;
        }

        private ByteBuffer room(int bytes) {
            if (buffer.remaining() < bytes) {
                ByteBuffer larger =
                        ByteBuffer.allocate(
                                        Math.max(2 * buffer.capacity(), buffer.position() + bytes))
                                .order(ByteOrder.LITTLE_ENDIAN);
                larger.put(buffer.flip());
                buffer = larger;
            }
            return buffer;
        }

        byte[] toArray() {
            byte[] bytes = new byte[buffer.position()];
            buffer.flip().get(bytes);
            return bytes;
        }
    }
}
