package io.headrace.inference.gguf;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headrace.inference.ModelLoadException;
import io.headrace.inference.testing.GgufWriter;
import io.headrace.inference.testing.ModelShape;
import io.headrace.inference.testing.TinyModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufReaderTest {

    @TempDir private Path folder;
    private Path path;
    private byte[] whole;

    @BeforeEach
    void write() throws IOException {
        path = TinyModels.llama(folder.resolve("tiny.gguf"), 1);
        whole = Files.readAllBytes(path);
    }

    @Test
    void readsMetadataAndTensors() {
        GgufFile file = GgufReader.read(path);
        assertThat(file.version()).isEqualTo(3);
        assertThat(file.architecture()).isEqualTo("llama");
        assertThat(file.text("tokenizer.chat_template")).contains(TinyModels.CHAT_TEMPLATE);
        assertThat(file.integer("llama.block_count")).hasValue(2);
        assertThat(file.flag("tokenizer.ggml.add_bos_token")).contains(false);
        assertThat(file.tensors()).hasSize(2 + 2 * 9);
        GgufFile.Tensor first = file.tensors().get(0);
        assertThat(first.shape()).isEqualTo(List.of(64L, 512L));
        assertThat(first.bytes()).isEqualTo(64 * 512 * 4);
    }

    @Test
    void everyTruncationIsOneClearSentence() throws IOException {
        for (int length = 0; length < whole.length; length += 1 + length / 7) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> GgufReader.read(path))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("tiny.gguf")
                    .hasMessageEndingWith(".");
        }
    }

    @Test
    void damagedBytesNeverCrash() throws IOException {
        Random random = new Random(5);
        for (int round = 0; round < 500; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i < 4; i++) {
                damaged[random.nextInt(16_000)] = (byte) random.nextInt(256);
            }
            Files.write(path, damaged);
            assertThatCode(
                            () -> {
                                try {
                                    GgufReader.read(path);
                                } catch (ModelLoadException expected) {
                                    assertThat(expected).hasMessageContaining("GGUF");
                                }
                            })
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void countsBeyondTheFileAreRefusedBeforeAnythingIsAllocated() throws IOException {
        ByteBuffer hostile = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
        hostile.putLong(8, Long.MAX_VALUE);
        Files.write(path, hostile.array());
        assertThatThrownBy(() -> GgufReader.read(path)).hasMessageContaining("tensors");
        hostile.putLong(8, 2);
        hostile.putLong(16, -1);
        Files.write(path, hostile.array());
        assertThatThrownBy(() -> GgufReader.read(path)).hasMessageContaining("metadata keys");
    }

    @Test
    void otherFilesAndMissingOnesAreNamed() throws IOException {
        Files.writeString(path, "this is a text file and not a model at all");
        assertThatThrownBy(() -> GgufReader.read(path)).hasMessageContaining("begin with 'GGUF'");
        assertThatThrownBy(() -> GgufReader.read(folder.resolve("none.gguf")))
                .hasMessageContaining("no model file")
                .hasMessageContaining("none.gguf");
    }

    @Test
    void impossibleNumbersAreRefused() throws IOException {
        TinyModels.writer(1, ModelShape.TINY).put("llama.block_count", 100_000).write(path);
        assertThatThrownBy(() -> GgufReader.read(path)).hasMessageContaining("block_count");
        TinyModels.writer(1, ModelShape.TINY).put("general.alignment", 3).write(path);
        assertThatThrownBy(() -> GgufReader.read(path)).hasMessageContaining("alignment");
        TinyModels.writer(1, ModelShape.TINY).put("llama.rope.scaling.type", "odd").write(path);
        assertThatThrownBy(() -> GgufReader.read(path)).hasMessageContaining("odd");
        TinyModels.writer(1, ModelShape.TINY)
                .put("tokenizer.ggml.tokens", List.of("a", "b", "a"))
                .write(path);
        assertThatThrownBy(() -> GgufReader.read(path)).hasMessageContaining("'a' is there twice");
    }

    @Test
    void partsOfASplitModelAreMissedByName() throws IOException {
        GgufWriter model = TinyModels.writer(1, ModelShape.TINY);
        Path first = model.writeSplit(folder, "split", 3);
        Path second = folder.resolve("split-00002-of-00003.gguf");
        assertThat(GgufReader.read(first).tensors()).hasSize(2 + 2 * 9);
        assertThat(GgufReader.read(first).parts()).hasSize(3).contains(second);
        assertThatThrownBy(() -> GgufReader.read(second))
                .hasMessageContaining("name the first part");
        Path alone = folder.resolve("alone.gguf");
        Files.copy(first, alone);
        assertThatThrownBy(() -> GgufReader.read(alone)).hasMessageContaining("is not named");
        Files.delete(second);
        assertThatThrownBy(() -> GgufReader.read(first))
                .hasMessageContaining("split-00002-of-00003.gguf is not beside");
    }

    @Test
    void partsOfOtherModelsAreRefused() throws IOException {
        GgufWriter model = TinyModels.writer(1, ModelShape.TINY);
        Path first = model.writeSplit(folder, "mixed", 2);
        Path second = folder.resolve("mixed-00002-of-00002.gguf");
        GgufWriter larger = TinyModels.writer(1, ModelShape.TINY);
        for (String more : List.of("first", "second")) {
            larger.tensor(more, TensorType.F32, List.of(1L), out -> out.write(new byte[4]));
        }
        larger.writeSplit(folder, "other", 2);
        Files.move(folder.resolve("other-00001-of-00002.gguf"), first, REPLACE_EXISTING);
        assertThatThrownBy(() -> GgufReader.read(first))
                .hasMessageContainingAll("hold 21 tensors", "should hold 22", "another model");
        Path ofThree = model.writeSplit(folder, "three", 3);
        Files.copy(ofThree.resolveSibling("three-00002-of-00003.gguf"), second, REPLACE_EXISTING);
        model.writeSplit(folder, "again", 2);
        Files.move(folder.resolve("again-00001-of-00002.gguf"), first, REPLACE_EXISTING);
        assertThatThrownBy(() -> GgufReader.read(first))
                .hasMessageContaining("should be part 2 of a split model of 2 parts");
    }

    @Test
    void aTruncatedPartIsRefusedByName() throws IOException {
        Path first = TinyModels.writer(1, ModelShape.TINY).writeSplit(folder, "cut", 2);
        Path second = folder.resolve("cut-00002-of-00002.gguf");
        try (FileChannel channel = FileChannel.open(second, WRITE)) {
            channel.truncate(channel.size() - 100);
        }
        assertThatThrownBy(() -> GgufReader.read(first))
                .hasMessageContainingAll("cut-00002-of-00002.gguf", "truncated");
    }

    @Test
    void filesThatAreNoTextModelsSayWhatTheyAre() throws IOException {
        TinyModels.writer(1, ModelShape.TINY).put("general.type", "mmproj").write(path);
        assertThatThrownBy(() -> GgufReader.read(path))
                .hasMessageContaining("images")
                .hasMessageContaining("remote engine");
        TinyModels.writer(1, ModelShape.TINY).put("general.type", "adapter").write(path);
        assertThatThrownBy(() -> GgufReader.read(path)).hasMessageContaining("adapter");
    }
}
