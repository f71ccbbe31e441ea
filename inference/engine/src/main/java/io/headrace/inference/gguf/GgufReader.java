package io.headrace.inference.gguf;

import io.headrace.inference.ModelLoadException;
import io.headrace.inference.gguf.GgufFile.ArrayValue;
import io.headrace.inference.gguf.GgufFile.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads and checks a GGUF file before native code sees it: every count, length, type and offset
 * against the file's own length. Memory is bounded by fixed limits, whatever the file claims.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public final class GgufReader {

    private static final int MAGIC = 0x46554747;
    private static final int MOST_KEYS = 1 << 16;
    private static final int MOST_TENSORS = 1 << 16;
    private static final int LONGEST_NAME = 1 << 10;
    private static final int LONGEST_KEPT_TEXT = 1 << 20;
    private static final int LONGEST_TOKEN = 1 << 16;
    private static final int MOST_KEPT_TEXT = 1 << 26;
    private static final int MOST_KEPT_NUMBERS = 1 << 10;
    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TOKEN_TYPES = "tokenizer.ggml.token_type";
    private static final int DEFAULT_ALIGNMENT = 32;
    private static final int ARRAY = 9;
    private static final int STRING = 8;

    private final GgufInput in;
    private long keptTextBytes;

    private GgufReader(GgufInput in) {
        this.in = in;
    }

    /**
     * Reads a model's head and checks that its data is whole and its metadata possible. Of a split
     * model, all parts are read.
     *
     * @param path the file; of a split model, the first
     * @throws ModelLoadException if the file is missing, damaged, or not a model of this kind
     */
    public static GgufFile read(Path path) {
        GgufFile file = readParts(path);
        requirePossible(path, () -> ModelChecks.check(file));
        return file;
    }

    /**
     * Reads the head of an adapter, and checks that its data is whole and made of numbers and that
     * it fits a model.
     *
     * @throws ModelLoadException if the file is missing, damaged, or no LoRA adapter of the model
     */
    public static GgufFile readAdapter(Path path, GgufFile model) {
        GgufFile file = readOne(path);
        requirePossible(path, () -> AdapterChecks.check(file, model));
        try (FileChannel channel = FileChannel.open(path)) {
            for (Tensor tensor : file.tensors()) {
                FiniteWeights.require(channel, tensor);
            }
        } catch (GgufInput.DamagedException e) {
            throw unusable(path, e);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        return file;
    }

    private interface Check {
        void run() throws GgufInput.DamagedException;
    }

    private static void requirePossible(Path path, Check check) {
        try {
            check.run();
        } catch (GgufInput.DamagedException e) {
            throw unusable(path, e);
        }
    }

    private static GgufFile readParts(Path path) {
        GgufFile first = readOne(path);
        long count = first.integer("split.count").orElse(1);
        if (count <= 1) {
            return first;
        }
        List<Path> parts = SplitModel.parts(path);
        requirePossible(path, () -> SplitModel.requireFirst(path, first, parts));
        List<Tensor> tensors = new ArrayList<>(first.tensors());
        Set<String> names = new HashSet<>();
        tensors.forEach(tensor -> names.add(tensor.name()));
        for (int i = 1; i < parts.size(); i++) {
            GgufFile part = readOne(parts.get(i));
            int number = i;
            requirePossible(parts.get(i), () -> SplitModel.requirePart(part, number, count, names));
            part.tensors().forEach(tensor -> tensors.add(tensor.inPart(number)));
        }
        requirePossible(path, () -> SplitModel.requireWhole(first, tensors.size()));
        return new GgufFile(first.version(), first.metadata(), tensors, parts);
    }

    private static GgufFile readOne(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new ModelLoadException("There is no model file " + path.toAbsolutePath() + ".");
        }
        try (FileChannel channel = FileChannel.open(path)) {
            return new GgufReader(new GgufInput(channel)).readHead(path);
        } catch (GgufInput.DamagedException e) {
            throw unusable(path, e);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static ModelLoadException unreadable(Path path, IOException e) {
        return new ModelLoadException("The model file " + path + " cannot be read: " + e, e);
    }

    private static ModelLoadException unusable(Path path, GgufInput.DamagedException e) {
        // Names out of the file may hold anything, and this goes into logs and on screens.
        String message = e.getMessage().replaceAll("\\p{Cntrl}", "\ufffd");
        return new ModelLoadException(path + " is not a usable GGUF file: " + message, e);
    }

    private GgufFile readHead(Path path) throws IOException {
        in.require(in.length() >= 24, "it is only " + in.length() + " bytes long");
        in.require(in.int32() == MAGIC, "it does not begin with 'GGUF'");
        int version = in.int32();
        in.require(
                version == 2 || version == 3,
                "its format version is " + version + ", and only 2 and 3 are known");
        long tensorCount = in.count("tensors", MOST_TENSORS, 32);
        long keyCount = in.count("metadata keys", MOST_KEYS, 13);
        Map<String, Object> metadata = readMetadata(keyCount);
        List<Tensor> tensors = readTensors(tensorCount, alignment(metadata));
        return new GgufFile(version, metadata, tensors, List.of(path));
    }

    private Map<String, Object> readMetadata(long count) throws IOException {
        Map<String, Object> metadata = new TreeMap<>();
        for (long i = 0; i < count; i++) {
            String key = in.string("a metadata key", LONGEST_NAME);
            Object value = readValue(key, in.int32());
            in.require(metadata.put(key, value) == null, "the key " + key + " stands there twice");
        }
        return metadata;
    }

    private Object readValue(String key, int type) throws IOException {
        return switch (type) {
            case 0, 7 -> {
                long value = in.int8() & 0xff;
                yield type == 7 ? (Object) (value != 0) : (Object) value;
            }
            case 1 -> (long) in.int8();
            case 2 -> (long) in.int16() & 0xffff;
            case 3 -> (long) in.int16();
            case 4 -> in.int32() & 0xffffffffL;
            case 5 -> (long) in.int32();
            case 6 -> (Object) Float.intBitsToFloat(in.int32());
            case STRING -> in.string("the value of " + key, LONGEST_KEPT_TEXT);
            case ARRAY -> readArray(key);
            case 10, 11 -> in.int64();
            case 12 -> Double.longBitsToDouble(in.int64());
            default -> throw in.damaged("the value of " + key + " has the unknown type " + type);
        };
    }

    private ArrayValue readArray(String key) throws IOException {
        int type = in.int32();
        in.require(
                type != ARRAY && type >= 0 && type <= 12,
                "the array " + key + " has elements of the unknown type " + type);
        int least = type == STRING ? 8 : elementBytes(type);
        long length = in.count("elements of " + key, Integer.MAX_VALUE, least);
        if (type == STRING) {
            return new ArrayValue(type, length, List.of(), readTexts(key, length));
        }
        boolean whole = type != 6 && type != 12;
        if (!whole || (length > MOST_KEPT_NUMBERS && !key.equals(TOKEN_TYPES))) {
            in.skip(length * least);
            return new ArrayValue(type, length, List.of(), List.of());
        }
        List<Long> numbers = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            Object value = readValue(key, type);
            numbers.add(value instanceof Boolean flag ? (flag ? 1L : 0L) : (Long) value);
        }
        return new ArrayValue(type, length, numbers, List.of());
    }

    /** Keeps the tokens, which are checked, and passes over other texts, such as merges. */
    private List<String> readTexts(String key, long length) throws IOException {
        List<String> texts = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            if (key.equals(TOKENS)) {
                texts.add(in.string("a token", LONGEST_TOKEN));
                keptTextBytes += texts.get(texts.size() - 1).length();
                in.require(keptTextBytes <= MOST_KEPT_TEXT, "its tokens are too long");
            } else {
                in.skipString("an element of " + key);
            }
        }
        return texts;
    }

    private static int elementBytes(int type) {
        return switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            default -> 8;
        };
    }

    private int alignment(Map<String, Object> metadata) throws IOException {
        Object value = metadata.getOrDefault("general.alignment", (long) DEFAULT_ALIGNMENT);
        in.require(
                value instanceof Long bytes
                        && bytes >= 8
                        && bytes <= 1 << 16
                        && Long.bitCount(bytes) == 1,
                "its alignment is " + value);
        return Math.toIntExact((Long) value);
    }

    private record Header(String name, TensorType type, List<Long> shape, long offset) {}

    private List<Tensor> readTensors(long count, int alignment) throws IOException {
        List<Header> headers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (long i = 0; i < count; i++) {
            Header header = readTensorHeader(alignment);
            in.require(names.add(header.name()), "the tensor " + header.name() + " is there twice");
            headers.add(header);
        }
        long dataStart = (in.position() + alignment - 1) / alignment * alignment;
        List<Tensor> tensors = new ArrayList<>();
        for (Header header : headers) {
            long bytes = tensorBytes(header);
            long end = in.length() - dataStart;
            in.require(
                    header.offset() <= end && bytes <= end - header.offset(),
                    "the data of the tensor "
                            + header.name()
                            + " ends behind the file's end; the file is truncated ("
                            + in.length()
                            + " bytes)");
            tensors.add(
                    new Tensor(
                            header.name(),
                            header.type(),
                            header.shape(),
                            0,
                            dataStart + header.offset(),
                            bytes));
        }
        return tensors;
    }

    private Header readTensorHeader(int alignment) throws IOException {
        String name = in.string("a tensor's name", LONGEST_NAME);
        int dimensions = in.int32();
        in.require(
                dimensions >= 1 && dimensions <= 4,
                "the tensor " + name + " has " + dimensions + " dimensions");
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            shape.add(in.int64());
        }
        int number = in.int32();
        TensorType type =
                TensorType.ofNumber(number)
                        .orElseThrow(
                                () ->
                                        in.damaged(
                                                "the tensor "
                                                        + name
                                                        + " has the unknown type "
                                                        + number));
        long offset = in.int64();
        in.require(
                offset >= 0 && offset % alignment == 0,
                "the data of the tensor " + name + " begins at the impossible offset " + offset);
        return new Header(name, type, shape, offset);
    }

    private long tensorBytes(Header header) throws IOException {
        long elements = 1;
        for (long size : header.shape()) {
            in.require(
                    size >= 1
                            && size <= Integer.MAX_VALUE
                            && elements <= Long.MAX_VALUE / 512 / size,
                    "the tensor " + header.name() + " has the impossible shape " + header.shape());
            elements *= size;
        }
        TensorType type = header.type();
        in.require(
                header.shape().get(0) % type.blockElements() == 0,
                "the rows of the tensor " + header.name() + " are no multiple of its blocks");
        return elements / type.blockElements() * type.blockBytes();
    }
}
